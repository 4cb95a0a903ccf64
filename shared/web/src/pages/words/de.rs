//! German.

use super::{Account, Around, Date, Mailed, Notice, Notices, Permissions, Problems, Words};

pub(super) static WORDS: Words = Words {
    mistake: "Fehler: ",
    username: "Benutzername",
    password: "Passwort",
    show: "Anzeigen",
    hide: "Verbergen",
    show_password: "Passwort anzeigen",
    hide_password: "Passwort verbergen",
    caps_lock: "Die Feststelltaste ist aktiv.",
    policy_of: Around::new("Datenschutzerklärung von {}"),
    terms_of: Around::new("Nutzungsbedingungen von {}"),
    back_to: Around::new("Zurück zu {}"),

    sign_in: "Anmelden",
    to_continue: Around::new("weiter zu {}"),
    new_here: "Neu hier?",
    sign_up_instead: "Konto erstellen",
    wrong_credentials: "Die Anmeldedaten stimmen nicht. Bitte prüfen Sie Ihre Eingaben und versuchen Sie es noch einmal.",
    no_address: "Geben Sie einen Benutzernamen ein, keine E-Mail-Adresse.",
    throttled,

    sign_up: "Konto erstellen",
    sign_up_button: "Konto erstellen",
    have_account: "Sie haben schon ein Konto?",
    name: "Ihr Name",
    optional: "optional",
    username_hint: "3 bis 64 Zeichen, ohne Leerzeichen und @.",
    password_hint: Around::new(
        "Mindestens {} Zeichen. Mehrere Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.",
    ),
    check_fields: "Bitte prüfen Sie die markierten Felder.",
    patience: Around::new(
        "Geben Sie Ihr Passwort erneut ein, warten Sie {} Sekunden und drücken Sie dann auf die Schaltfläche. Das hält Roboter fern.",
    ),
    problems: Problems {
        username_missing: "Wählen Sie einen Benutzernamen.",
        username_characters: "Verwenden Sie Buchstaben, Ziffern und einfache Satzzeichen, keine Leerzeichen und kein @.",
        username_short: "Verwenden Sie mindestens 3 Zeichen.",
        username_long: "Verwenden Sie höchstens 64 Zeichen.",
        username_taken: "Dieser Benutzername ist vergeben. Wählen Sie einen anderen.",
        password_missing: "Wählen Sie ein Passwort.",
        password_short: Around::new("Verwenden Sie mindestens {} Zeichen."),
        password_long: "Dieses Passwort ist zu lang.",
        password_common: "Dieses Passwort wird zu häufig verwendet. Verwenden Sie mehrere Wörter, die nichts miteinander zu tun haben.",
        password_breached: "Dieses Passwort ist in einem Datenleck aufgetaucht. Wählen Sie ein anderes.",
        password_context: "Verwenden Sie weder Ihren Benutzernamen noch Ihre E-Mail-Adresse noch den Namen dieses Dienstes im Passwort.",
        name_characters: "Entfernen Sie Zeilenumbrüche und unsichtbare Zeichen.",
        name_short: "Verwenden Sie mindestens ein sichtbares Zeichen, oder lassen Sie den Namen leer.",
        name_long: "Verwenden Sie höchstens 128 Zeichen.",
        unusable: "Dieser Wert kann nicht verwendet werden.",
    },

    wants_access: Around::new("{} möchte auf Ihr Konto zugreifen"),
    signed_in_as: "Angemeldet als",
    not_you: "Nicht Ihr Konto?",
    will_be_able: "Diese App kann dann",
    verified: Around::new("Danach kehren Sie zu {} zurück."),
    unverified: "Diese App wurde nicht überprüft.",
    unverified_why: Around::new(
        "Jeder könnte sie unter diesem Namen registriert haben. Fahren Sie nur fort, wenn Sie selbst von dieser App kommen und \
         {} kennen. Dorthin gelangen Sie als Nächstes.",
    ),
    allow: "Erlauben",
    deny: "Ablehnen",
    permissions: Permissions {
        account: "Ihr Konto sehen und ändern: Profil, Passwort und Sitzungen",
        email: "Ihre E-Mail-Adresse sehen",
        profile: "Ihren Namen und Benutzernamen sehen",
        openid: "Sie wiedererkennen, wenn Sie zurückkommen",
        offline_access: "diesen Zugriff behalten, auch wenn Sie die App gerade nicht benutzen",
    },

    choose: "Konto auswählen",
    continue_as: Around::new("Weiter als {}"),
    another_account: "Anderes Konto verwenden",

    sign_out: "Abmelden?",
    sign_out_lead: "Apps bitten Sie dann wieder um eine Anmeldung, wenn sie wissen müssen, wer Sie sind.",
    sign_out_button: "Abmelden",
    stay: "Angemeldet bleiben",
    signed_out: "Sie sind abgemeldet",
    signed_out_lead: "Schließen Sie auf einem gemeinsam genutzten Computer auch den Browser.",

    one_moment: "Einen Moment",
    returning: Around::new("Sie kehren zu {} zurück."),
    go_on: "Weiter",

    home: "Hier melden sich Menschen bei ihren Apps an. Öffnen Sie die App, die Sie benutzen möchten: Sie führt Sie hierher, \
           wenn eine Anmeldung nötig ist.",
    issuer: "Aussteller",
    for_developers: "Für Entwickler",
    reference: "Referenz:",
    mailed: Mailed {
        identifier: "Benutzername oder E-Mail-Adresse",
        email: "E-Mail-Adresse",
        email_hint: "Sie erhalten eine E-Mail mit einem Code. Sie können sich anmelden, sobald die Adresse bestätigt ist.",
        forgot_link: "Passwort vergessen?",
        forgot: "Passwort zurücksetzen",
        forgot_lead: "Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein. Wenn dazu ein Konto mit bestätigter Adresse gehört, wird dorthin ein Code gesendet.",
        forgot_button: "Code senden",
        code: "Code aus der E-Mail",
        code_hint: "8 Buchstaben und Ziffern, zum Beispiel 4F7K-Q2M9.",
        sent: "Wenn es das Konto gibt, ist eine E-Mail mit einem Code unterwegs. Das kann eine Minute dauern. Eine Adresse erhält höchstens drei solche E-Mails pro Stunde.",
        verify: "E-Mail-Adresse bestätigen",
        verify_sent: "An die eingegebene Adresse wurde eine E-Mail gesendet. Geben Sie den Code daraus innerhalb von zehn Minuten hier ein.",
        verify_link: "Wählen Sie das Passwort Ihres Kontos. Es ersetzt das Passwort, das beim Erstellen des Kontos eingegeben wurde.",
        change_link: "Geben Sie das Passwort Ihres Kontos ein, um zu bestätigen, dass diese Adresse dazugehört.",
        confirm: "Bestätigen",
        reset: "Neues Passwort festlegen",
        new_password: "Neues Passwort",
        reset_button: "Passwort festlegen",
        keep: "E-Mail-Adresse behalten?",
        keep_lead: "Jemand, der in Ihrem Konto angemeldet ist, möchte die E-Mail-Adresse ersetzen. Wenn Sie das nicht waren, behalten Sie die Adresse und ändern Sie Ihr Passwort.",
        keep_button: "Adresse behalten",
        wrong_code: "Dieser Code oder Link ist falsch, abgelaufen oder wurde bereits verwendet. Versuchen Sie es mit dem Link in der E-Mail, oder beginnen Sie von vorn, um einen neuen zu erhalten.",
        email_missing: "Geben Sie eine E-Mail-Adresse ein.",
        email_invalid: "Geben Sie eine Adresse wie alice@example.com ein.",
        verified: Notice { title: "Ihre Adresse ist bestätigt", text: "Sie können sich jetzt anmelden." },
        changed: Notice {
            title: "Ihre Adresse ist bestätigt", text: "Sie ist jetzt die E-Mail-Adresse Ihres Kontos."
        },
        changes_later: Notice {
            title: "Ihre Adresse ist bestätigt",
            text: "Sie ersetzt die jetzige Adresse in 24 Stunden. Bis dahin lässt sich die Änderung abbrechen.",
        },
        was_reset: Notice {
            title: "Ihr Passwort wurde geändert",
            text: "Sie wurden überall abgemeldet. Melden Sie sich mit dem neuen Passwort an.",
        },
        kept: Notice {
            title: "Ihre Adresse bleibt unverändert",
            text: "Die Änderung wurde abgebrochen. Wenn die Änderung nicht von Ihnen kam, ändern Sie jetzt Ihr Passwort.",
        },
        off: Notice {
            title: "Keine E-Mails",
            text: "Dieser Dienst versendet keine E-Mails. Bitten Sie den Betreiber um Hilfe.",
        },
    },
    notices: Notices {
        expired: Notice {
            title: "Diese Seite ist abgelaufen",
            text: "Gehen Sie zurück zur App und beginnen Sie von vorn. Falls das öfter geschieht, erlauben Sie Cookies für \
                   diese Website.",
        },
        declined: Notice {
            title: "Anfrage abgelehnt",
            text: "Sie oder eine Regel dieses Dienstes haben die Anfrage abgelehnt. Es wurden keine Daten weitergegeben.",
        },
        not_found: Notice {
            title: "Seite nicht gefunden",
            text: "Unter dieser Adresse gibt es keine Seite. Gehen Sie zurück zu der App, von der Sie kommen.",
        },
        closed: Notice { title: "Keine neuen Konten", text: "Zurzeit können hier keine Konten erstellt werden." },
        too_many: "Zu viele Versuche",
        unavailable: Notice {
            title: "Zurzeit nicht verfügbar",
            text: "Das liegt nicht an Ihnen. Warten Sie einen Moment und laden Sie diese Seite neu.",
        },
        broken: Notice {
            title: "Etwas ist schiefgegangen",
            text: "Das liegt nicht an Ihnen. Der Fehler wurde aufgezeichnet. Bitte versuchen Sie es noch einmal.",
        },
        forbidden: Notice {
            title: "Nicht erlaubt",
            text: "Dafür fehlt Ihnen die Berechtigung. Gehen Sie zurück zu der App, von der Sie kommen.",
        },
        unanswerable: Notice {
            title: "Diese Anfrage kann nicht beantwortet werden",
            text: "Die App hat eine Anfrage gesendet, die dieser Dienst nicht beantworten kann. Gehen Sie zurück zur App und \
                   beginnen Sie von vorn.",
        },
    },
    account: Account {
        title: "Ihr Konto",
        profile: "Profil",
        email: "E-Mail-Adresse",
        not_verified: "nicht bestätigt",
        not_given: "nicht angegeben",
        change_email: "E-Mail-Adresse ändern",
        change_email_lead: "An die neue Adresse geht eine E-Mail mit einem Code. Sobald Sie die Adresse bestätigt haben, ersetzt sie die jetzige nach 24 Stunden. Bis dahin können Sie die Änderung abbrechen.",
        first_email_lead: "An die Adresse geht eine E-Mail mit einem Code. Sobald Sie die Adresse bestätigt haben, können Sie mit ihr ein vergessenes Passwort neu festlegen.",
        new_email: "Neue E-Mail-Adresse",
        effective_on: Around::new("Gilt ab {}"),
        keep_email: "Änderung abbrechen",
        unreachable: "E-Mails erreichen Sie nicht",
        bounced: "E-Mails an Ihre Adresse kommen zurück: Das Postfach existiert nicht oder nimmt sie nicht an. Geben Sie eine andere Adresse an.",
        complained: "Eine E-Mail an Ihre Adresse wurde als unerwünscht gemeldet. Weitere E-Mails erreichen Sie womöglich nicht. Geben Sie eine andere Adresse an.",
        change: "Ändern",
        changed_on: Around::new("Geändert am {}"),
        save: "Speichern",
        cancel: "Abbrechen",
        change_name: "Namen ändern",
        change_password: "Passwort ändern",
        change_password_lead: "Alle anderen Browser und Apps werden abgemeldet.",
        current_password: "Ihr aktuelles Passwort",
        new_password: "Neues Passwort",
        wrong_password: "Das ist nicht Ihr aktuelles Passwort. Bitte versuchen Sie es noch einmal.",
        devices: "Wo Sie angemeldet sind",
        this_browser: "dieser Browser",
        unknown_device: "Unbekanntes Gerät",
        last_used: Around::new("Zuletzt benutzt am {}"),
        apps_there: "Apps:",
        sign_out_everywhere: "Überall abmelden",
        sign_out_everywhere_hint: "Das beendet jede Sitzung, auch in diesem Browser.",
        apps: "Apps mit Zugriff",
        no_apps: "Keine App hat Zugriff auf Ihr Konto.",
        since: Around::new("Seit {}"),
        remove_access: "Zugriff entfernen",
        data: "Ihre Daten",
        export_hint: "Alles, was über Sie gespeichert ist, als Datei.",
        export: "Herunterladen",
        delete: "Konto löschen",
        delete_lead: "Das lässt sich nicht rückgängig machen:",
        delete_later: Around::new(
            "Ihr Konto wird am {} gelöscht. Bis dahin können Sie sich anmelden und es behalten. Was geschieht:",
        ),
        leaving: "Ihr Konto wird gelöscht",
        leaving_lead: Around::new(
            "Es wird am {} gelöscht. Wenn Sie es sich anders überlegen, melden Sie sich vorher an und behalten Sie es.",
        ),
        may_keep: "Dieses Konto wird demnächst gelöscht. Um es zu behalten, geben Sie das Passwort noch einmal ein. Wenn Sie die Löschung nicht verlangt haben, ändern Sie danach das Passwort.",
        keep_and_sign_in: "Konto behalten und anmelden",
        delete_consequences: [
            "Ihr Profil und Ihr Passwort werden gelöscht.",
            "Sie werden in allen Browsern und Apps abgemeldet.",
            "Apps verlieren den Zugriff auf Ihr Konto.",
            "Ihr Benutzername wird frei, und jemand anderes kann ihn wählen.",
        ],
        delete_button: "Konto löschen",
        deleted: "Ihr Konto wurde gelöscht",
        deleted_lead: "Sie können diese Seite schließen. Apps, die Sie benutzt haben, können noch eigene Daten über Sie gespeichert haben.",
        date,
    },
};

fn throttled(minutes: u64) -> String {
    match minutes {
        1 => "Zu viele Versuche. Versuchen Sie es in einer Minute noch einmal.".to_owned(),
        _ => format!("Zu viele Versuche. Versuchen Sie es in {minutes} Minuten noch einmal."),
    }
}

fn date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    format!("{}. {} {}", date.day, date.month_in(&MONTHS), date.year)
}
