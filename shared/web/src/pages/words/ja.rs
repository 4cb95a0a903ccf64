//! Japanese.

use super::{Account, Around, Date, Mailed, Notice, Notices, Permissions, Problems, Words};

pub(super) static WORDS: Words = Words {
    mistake: "エラー: ",
    username: "ユーザー名",
    password: "パスワード",
    show: "表示",
    hide: "非表示",
    show_password: "パスワードを表示",
    hide_password: "パスワードを非表示",
    caps_lock: "Caps Lock がオンになっています。",
    policy_of: Around::new("{} のプライバシーポリシー"),
    terms_of: Around::new("{} の利用規約"),
    back_to: Around::new("{} に戻る"),

    sign_in: "ログイン",
    to_continue: Around::new("{} に進みます"),
    new_here: "初めてご利用ですか？",
    sign_up_instead: "アカウントを作成",
    wrong_credentials: "ログイン情報が正しくありません。確認して、もう一度お試しください。",
    no_address: "メールアドレスではなく、ユーザー名を入力してください。",
    throttled,

    sign_up: "アカウントの作成",
    sign_up_button: "アカウントを作成",
    have_account: "すでにアカウントをお持ちですか？",
    name: "お名前",
    optional: "任意",
    username_hint: "3～64 文字。空白と @ は使えません。",
    password_hint: Around::new(
        "{} 文字以上。関連のない単語をいくつか組み合わせると、覚えやすく、推測されにくくなります。",
    ),
    check_fields: "強調表示された項目を確認してください。",
    patience: Around::new(
        "パスワードをもう一度入力し、{} 秒待ってからボタンを押してください。自動登録を防ぐためです。",
    ),
    problems: Problems {
        username_missing: "ユーザー名を入力してください。",
        username_characters: "文字、数字、簡単な記号を使ってください。空白と @ は使えません。",
        username_short: "3 文字以上にしてください。",
        username_long: "64 文字以内にしてください。",
        username_taken: "このユーザー名はすでに使われています。別の名前を選んでください。",
        password_missing: "パスワードを入力してください。",
        password_short: Around::new("{} 文字以上にしてください。"),
        password_long: "このパスワードは長すぎます。",
        password_common: "このパスワードはよく使われています。関連のない単語をいくつか組み合わせてください。",
        password_breached: "このパスワードは過去の情報漏えいに含まれています。別のものを選んでください。",
        password_context: "パスワードにユーザー名、メールアドレス、このサービスの名前を使わないでください。",
        name_characters: "改行や見えない文字を取り除いてください。",
        name_short: "見える文字を 1 文字以上入力するか、空欄にしてください。",
        name_long: "128 文字以内にしてください。",
        unusable: "この値は使えません。",
    },

    wants_access: Around::new("{} があなたのアカウントへのアクセスを求めています"),
    signed_in_as: "ログイン中:",
    not_you: "別の方ですか？",
    will_be_able: "このアプリに許可される操作",
    verified: Around::new("この後、{} に戻ります。"),
    unverified: "このアプリは確認されていません。",
    unverified_why: Around::new(
        "誰でもこの名前でアプリを登録できます。ご自身でこのアプリから始めた操作で、次に移動する {} に心当たりがある場合にのみ続けてください。",
    ),
    allow: "許可",
    deny: "拒否",
    permissions: Permissions {
        account: "アカウント (プロフィール、パスワード、セッション) の表示と変更",
        email: "メールアドレスの表示",
        profile: "名前とユーザー名の表示",
        openid: "次回の利用時にあなたを認識すること",
        offline_access: "アプリを使っていない間もこのアクセスを保持すること",
    },

    choose: "アカウントの選択",
    continue_as: Around::new("{} として続ける"),
    another_account: "別のアカウントを使う",

    sign_out: "ログアウトしますか？",
    sign_out_lead: "アプリで本人の確認が必要になると、もう一度ログインを求められます。",
    sign_out_button: "ログアウト",
    stay: "ログインしたままにする",
    signed_out: "ログアウトしました",
    signed_out_lead: "共用のコンピューターでは、ブラウザーも閉じてください。",

    one_moment: "お待ちください",
    returning: Around::new("{} に戻ります。"),
    go_on: "続ける",

    home: "ここは、アプリにログインするためのサービスです。使いたいアプリを開いてください。ログインが必要になると、ここに戻ります。",
    issuer: "発行者",
    for_developers: "開発者の方へ",
    reference: "参照番号:",
    mailed: Mailed {
        identifier: "ユーザー名またはメールアドレス",
        email: "メールアドレス",
        email_hint: "コードを記載したメールを送ります。アドレスの確認が済むとログインできます。",
        forgot_link: "パスワードをお忘れですか？",
        forgot: "パスワードの再設定",
        forgot_lead: "ユーザー名またはメールアドレスを入力してください。確認済みのアドレスを持つアカウントがあれば、そこにコードを送ります。",
        forgot_button: "コードを送る",
        code: "メールに記載のコード",
        code_hint: "4F7K-Q2M9 のような 8 文字の英数字です。",
        sent: "アカウントが存在する場合は、コードを記載したメールを送りました。届くまで 1 分ほどかかることがあります。このメールは 1 つのアドレスにつき 1 時間に 3 通までです。",
        verify: "メールアドレスの確認",
        verify_sent: "入力されたアドレスにメールを送りました。10 分以内に、記載のコードをここに入力してください。",
        verify_link: "アカウントのパスワードを決めてください。アカウントの作成時に入力されたパスワードは置き換えられます。",
        change_link: "このアドレスがアカウントのものであることを確認するため、アカウントのパスワードを入力してください。",
        confirm: "確認",
        reset: "新しいパスワードの設定",
        new_password: "新しいパスワード",
        reset_button: "パスワードを設定",
        keep: "現在のメールアドレスを残しますか？",
        keep_lead: "アカウントにログインしている人が、メールアドレスを変更しようとしています。心当たりがない場合は、アドレスを残し、パスワードを変更してください。",
        keep_button: "アドレスを残す",
        wrong_code: "コードまたはリンクが間違っているか、期限切れか、すでに使われています。メールのリンクを試すか、最初からやり直して新しいメールを受け取ってください。",
        email_missing: "メールアドレスを入力してください。",
        email_invalid: "alice@example.com のようなアドレスを入力してください。",
        verified: Notice {
            title: "アドレスを確認しました", text: "ログインできるようになりました。"
        },
        changed: Notice {
            title: "アドレスを確認しました",
            text: "このアドレスがアカウントのメールアドレスになりました。",
        },
        changes_later: Notice {
            title: "アドレスを確認しました",
            text: "24 時間後に現在のアドレスと置き換わります。それまでは変更を取り消せます。",
        },
        was_reset: Notice {
            title: "パスワードを変更しました",
            text: "すべての端末からログアウトしました。新しいパスワードでログインしてください。",
        },
        kept: Notice {
            title: "アドレスは変わりません",
            text: "変更を取り消しました。心当たりがない場合は、今すぐパスワードを変更してください。",
        },
        off: Notice {
            title: "メールは利用できません",
            text: "このサービスはメールを送りません。運営者に問い合わせてください。",
        },
    },
    notices: Notices {
        expired: Notice {
            title: "このページの有効期限が切れました",
            text: "アプリに戻って、最初からやり直してください。何度も起きる場合は、このサイトの Cookie を許可してください。",
        },
        declined: Notice {
            title: "リクエストは拒否されました",
            text: "ご自身またはこのサービスの規則により、リクエストは拒否されました。情報は共有されていません。",
        },
        not_found: Notice {
            title: "ページが見つかりません",
            text: "このアドレスにページはありません。元のアプリに戻ってください。",
        },
        closed: Notice {
            title: "新規登録は受け付けていません",
            text: "現在、ここでアカウントを作成することはできません。",
        },
        too_many: "試行回数が多すぎます",
        unavailable: Notice {
            title: "一時的に利用できません",
            text: "お客様の操作に問題はありません。少し待ってから、このページを再読み込みしてください。",
        },
        broken: Notice {
            title: "問題が発生しました",
            text: "お客様の操作に問題はありません。問題は記録されました。もう一度お試しください。",
        },
        forbidden: Notice {
            title: "許可されていません", text: "この操作はできません。元のアプリに戻ってください。"
        },
        unanswerable: Notice {
            title: "このリクエストには応答できません",
            text: "アプリから、このサービスが応答できないリクエストが送られました。アプリに戻って、最初からやり直してください。",
        },
    },
    account: Account {
        title: "アカウント",
        profile: "プロフィール",
        email: "メールアドレス",
        not_verified: "未確認",
        not_given: "未設定",
        change: "変更",
        changed_on: Around::new("{}に変更"),
        save: "保存",
        cancel: "キャンセル",
        change_name: "名前の変更",
        change_password: "パスワードの変更",
        change_password_lead: "ほかのすべてのブラウザーとアプリからログアウトします。",
        current_password: "現在のパスワード",
        new_password: "新しいパスワード",
        wrong_password: "現在のパスワードと一致しません。もう一度お試しください。",
        devices: "ログイン中の端末",
        this_browser: "このブラウザー",
        unknown_device: "不明な端末",
        last_used: Around::new("最終使用日: {}"),
        apps_there: "アプリ:",
        sign_out_everywhere: "すべての端末からログアウト",
        sign_out_everywhere_hint: "このブラウザーを含め、すべてのセッションが終了します。",
        apps: "アクセスを許可したアプリ",
        no_apps: "アカウントにアクセスできるアプリはありません。",
        since: Around::new("{}から"),
        remove_access: "アクセスを取り消す",
        data: "あなたのデータ",
        export_hint: "あなたについて保存されているすべての情報をファイルで受け取れます。",
        export: "ダウンロード",
        delete: "アカウントの削除",
        delete_lead: "この操作は取り消せません。",
        delete_consequences: [
            "プロフィールとパスワードが削除されます。",
            "すべてのブラウザーとアプリからログアウトします。",
            "アプリはアカウントにアクセスできなくなります。",
            "ユーザー名は解放され、ほかの人が使えるようになります。",
        ],
        delete_button: "アカウントを削除",
        deleted: "アカウントを削除しました",
        deleted_lead: "このページを閉じてかまいません。利用したアプリには、独自のデータが残っている場合があります。",
        date,
    },
};

fn throttled(minutes: u64) -> String {
    format!("試行回数が多すぎます。{minutes} 分後にもう一度お試しください。")
}

fn date(date: Date) -> String {
    format!("{}年{}月{}日", date.year, date.month, date.day)
}
