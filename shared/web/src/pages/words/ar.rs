//! Arabic.

use super::{Account, Around, Date, Notice, Notices, Permissions, Problems, Words};

pub(super) static WORDS: Words = Words {
    mistake: "خطأ: ",
    username: "اسم المستخدم",
    password: "كلمة المرور",
    show: "إظهار",
    hide: "إخفاء",
    show_password: "إظهار كلمة المرور",
    hide_password: "إخفاء كلمة المرور",
    caps_lock: "مفتاح الأحرف الكبيرة (Caps Lock) قيد التشغيل.",
    policy_of: Around::new("سياسة الخصوصية لدى {}"),
    terms_of: Around::new("شروط الاستخدام لدى {}"),
    back_to: Around::new("العودة إلى {}"),

    sign_in: "تسجيل الدخول",
    to_continue: Around::new("للمتابعة إلى {}"),
    new_here: "هل أنت جديد هنا؟",
    sign_up_instead: "إنشاء حساب",
    wrong_credentials: "اسم المستخدم وكلمة المرور غير متطابقين. حاول مرة أخرى.",
    no_address: "أدخل اسم المستخدم، وليس عنوان البريد الإلكتروني.",
    throttled,

    sign_up: "إنشاء حسابك",
    sign_up_button: "إنشاء الحساب",
    have_account: "هل لديك حساب بالفعل؟",
    name: "اسمك",
    optional: "اختياري",
    username_hint: "من 3 إلى 64 حرفًا، بدون مسافات وبدون @.",
    password_hint: Around::new("{} حرفًا على الأقل. عدة كلمات لا رابط بينها يسهل تذكرها ويصعب تخمينها."),
    check_fields: "تحقق من الحقول المميزة.",
    problems: Problems {
        username_missing: "اختر اسم مستخدم.",
        username_characters: "استخدم الحروف والأرقام وعلامات الترقيم البسيطة، بدون مسافات وبدون @.",
        username_short: "استخدم 3 أحرف على الأقل.",
        username_long: "استخدم 64 حرفًا على الأكثر.",
        username_taken: "اسم المستخدم هذا محجوز. اختر اسمًا آخر.",
        password_missing: "اختر كلمة مرور.",
        password_short: Around::new("عدد الأحرف المطلوب: {} على الأقل."),
        password_long: "كلمة المرور هذه طويلة جدًا.",
        password_common: "كلمة المرور هذه شائعة جدًا. استخدم عدة كلمات لا رابط بينها.",
        password_breached: "ظهرت كلمة المرور هذه في تسريب بيانات. اختر كلمة مرور أخرى.",
        password_context: "لا تستخدم اسم المستخدم أو اسم هذه الخدمة في كلمة المرور.",
        name_characters: "أزل فواصل الأسطر والأحرف غير المرئية.",
        name_short: "استخدم حرفًا مرئيًا واحدًا على الأقل، أو اترك الاسم فارغًا.",
        name_long: "استخدم 128 حرفًا على الأكثر.",
        unusable: "لا يمكن استخدام هذه القيمة.",
    },

    wants_access: Around::new("يطلب {} الوصول إلى حسابك"),
    signed_in_as: "تم تسجيل الدخول باسم",
    not_you: "لست أنت؟",
    will_be_able: "سيتمكن هذا التطبيق من",
    verified: Around::new("ستعود بعد ذلك إلى {}."),
    unverified: "لم يتم التحقق من هذا التطبيق.",
    unverified_why: Around::new(
        "يمكن لأي شخص تسجيله بهذا الاسم. تابع فقط إذا بدأت من هذا التطبيق وكنت تعرف {}، حيث ستنتقل بعد ذلك.",
    ),
    allow: "سماح",
    deny: "رفض",
    permissions: Permissions {
        account: "عرض حسابك وتغييره: الملف الشخصي وكلمة المرور والجلسات",
        email: "عرض عنوان بريدك الإلكتروني",
        profile: "عرض اسمك واسم المستخدم",
        openid: "التعرف عليك عند عودتك",
        offline_access: "الاحتفاظ بهذا الوصول عندما لا تستخدم التطبيق",
    },

    choose: "اختر حسابًا",
    continue_as: Around::new("المتابعة باسم {}"),
    another_account: "استخدام حساب آخر",

    sign_out: "هل تريد تسجيل الخروج؟",
    sign_out_lead: "ستطلب منك التطبيقات تسجيل الدخول مرة أخرى عندما تحتاج إلى معرفة هويتك.",
    sign_out_button: "تسجيل الخروج",
    stay: "البقاء قيد تسجيل الدخول",
    signed_out: "تم تسجيل خروجك",
    signed_out_lead: "على جهاز مشترك، أغلق المتصفح أيضًا.",

    one_moment: "لحظة من فضلك",
    returning: Around::new("جارٍ إعادتك إلى {}."),
    go_on: "متابعة",

    home: "هنا يسجل المستخدمون الدخول إلى تطبيقاتهم. افتح التطبيق الذي تريد استخدامه، وسيعيدك إلى هنا عندما تحتاج إلى تسجيل \
           الدخول.",
    issuer: "جهة الإصدار",
    for_developers: "للمطورين",
    reference: "الرقم المرجعي:",
    notices: Notices {
        expired: Notice {
            title: "انتهت صلاحية هذه الصفحة",
            text: "عُد إلى التطبيق وابدأ من جديد. إذا تكرر ذلك، فاسمح بملفات تعريف الارتباط لهذا الموقع.",
        },
        declined: Notice {
            title: "تم رفض الطلب",
            text: "رفضتَ الطلب أو رفضته إحدى قواعد هذه الخدمة. لم تتم مشاركة أي شيء.",
        },
        not_found: Notice {
            title: "الصفحة غير موجودة",
            text: "لا توجد صفحة على هذا العنوان. عُد إلى التطبيق الذي أتيت منه.",
        },
        closed: Notice {
            title: "لا توجد حسابات جديدة", text: "لا يمكن إنشاء حسابات هنا في الوقت الحالي."
        },
        too_many: "محاولات كثيرة جدًا",
        unavailable: Notice {
            title: "غير متاح مؤقتًا", text: "هذا ليس خطأك. انتظر لحظة ثم أعد تحميل هذه الصفحة."
        },
        broken: Notice {
            title: "حدث خطأ ما", text: "هذا ليس خطأك. تم تسجيل المشكلة. يُرجى المحاولة مرة أخرى."
        },
        forbidden: Notice {
            title: "غير مسموح", text: "لا يمكنك القيام بذلك. عُد إلى التطبيق الذي أتيت منه."
        },
        unanswerable: Notice {
            title: "لا يمكن الرد على هذا الطلب",
            text: "أرسل التطبيق طلبًا لا تستطيع هذه الخدمة الرد عليه. عُد إلى التطبيق وابدأ من جديد.",
        },
    },
    account: Account {
        title: "حسابك",
        profile: "الملف الشخصي",
        email: "البريد الإلكتروني",
        not_verified: "غير مؤكد",
        not_given: "غير محدد",
        change: "تغيير",
        changed_on: Around::new("تغيرت في {}"),
        save: "حفظ",
        cancel: "إلغاء",
        change_name: "تغيير الاسم",
        change_password: "تغيير كلمة المرور",
        change_password_lead: "سيتم تسجيل خروجك من كل المتصفحات والتطبيقات الأخرى.",
        current_password: "كلمة المرور الحالية",
        new_password: "كلمة المرور الجديدة",
        wrong_password: "هذه ليست كلمة المرور الحالية. حاول مرة أخرى.",
        devices: "أماكن تسجيل دخولك",
        this_browser: "هذا المتصفح",
        unknown_device: "جهاز غير معروف",
        last_used: Around::new("آخر استخدام في {}"),
        apps_there: "التطبيقات:",
        sign_out_everywhere: "تسجيل الخروج من كل الأجهزة",
        sign_out_everywhere_hint: "ينهي ذلك كل الجلسات، بما فيها جلسة هذا المتصفح.",
        apps: "التطبيقات التي لها صلاحية الوصول",
        no_apps: "لا يوجد تطبيق له صلاحية الوصول إلى حسابك.",
        since: Around::new("منذ {}"),
        remove_access: "إزالة الوصول",
        data: "بياناتك",
        export_hint: "كل ما هو محفوظ عنك، في ملف واحد.",
        export: "تنزيل",
        delete: "حذف الحساب",
        delete_lead: "لا يمكن التراجع عن ذلك:",
        delete_consequences: [
            "سيُحذف ملفك الشخصي وكلمة مرورك.",
            "سيتم تسجيل خروجك من كل المتصفحات والتطبيقات.",
            "ستفقد التطبيقات صلاحية الوصول إلى حسابك.",
            "سيصبح اسم المستخدم متاحًا، ويمكن لشخص آخر أن يستخدمه.",
        ],
        delete_button: "حذف الحساب",
        deleted: "تم حذف حسابك",
        deleted_lead: "يمكنك إغلاق هذه الصفحة. قد تحتفظ التطبيقات التي استخدمتها ببياناتها الخاصة عنك.",
        date,
    },
};

/// Arabic counts one, two, few (3 to 10) and many in different words.
fn throttled(minutes: u64) -> String {
    let wait = match minutes {
        1 => "دقيقة واحدة".to_owned(),
        2 => "دقيقتين".to_owned(),
        3..=10 => format!("{minutes} دقائق"),
        _ => format!("{minutes} دقيقة"),
    };
    format!("محاولات كثيرة جدًا. حاول مرة أخرى بعد {wait}.")
}

fn date(date: Date) -> String {
    const MONTHS: [&str; 12] =
        ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"];
    format!("{} {} {}", date.day, date.month_in(&MONTHS), date.year)
}
