//! German.

use super::{Sentences, Words};

pub(super) static WORDS: Words = Words {
    code_hint: "Geben Sie diesen Code auf der Seite ein, auf der Sie begonnen haben. Er gilt 10 Minuten und nur dort.",
    link_hint: "Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:",
    automatic: "Diese Nachricht wurde automatisch von {service} gesendet. Bitte antworten Sie nicht darauf.",
    confirm: "Adresse bestätigen",
    sign_in: "Anmelden",
    new_password: "Neues Passwort festlegen",
    account: "Konto öffnen",
    cancel: "Änderung abbrechen",
    keep_account: "Konto behalten",
    verify_address: Sentences {
        subject: "Bestätigen Sie Ihre E-Mail-Adresse",
        lead: "Jemand hat bei {service} ein Konto mit dieser Adresse erstellt. Bestätigen Sie, dass es Ihre ist.",
        ignore: "Falls Sie das nicht waren, ignorieren Sie diese Nachricht. Das Konto wird nach 24 Stunden automatisch gelöscht.",
    },
    account_exists: Sentences {
        subject: "Sie haben bereits ein Konto",
        lead: "Jemand hat diese Adresse bei {service} angegeben, für ein neues Konto oder als neue Adresse eines Kontos, aber sie gehört schon zu Ihrem Konto. Melden Sie sich an, oder legen Sie ein neues Passwort fest, falls Sie Ihres vergessen haben.",
        ignore: "Falls Sie das nicht waren, ignorieren Sie diese Nachricht. Es hat sich nichts geändert.",
    },
    reset_password: Sentences {
        subject: "Legen Sie ein neues Passwort fest",
        lead: "Für Ihr Konto bei {service} wurde ein neues Passwort angefordert.",
        ignore: "Falls Sie das nicht waren, ignorieren Sie diese Nachricht. Ihr Passwort bleibt, wie es ist.",
    },
    password_changed: Sentences {
        subject: "Ihr Passwort wurde geändert",
        lead: "Das Passwort Ihres Kontos bei {service} wurde geändert, und andere Geräte wurden abgemeldet.",
        ignore: "Falls Sie das nicht waren, legen Sie sofort ein neues Passwort fest.",
    },
    prove_address: Sentences {
        subject: "Bestätigen Sie Ihre neue E-Mail-Adresse",
        lead: "Jemand möchte diese Adresse für ein Konto bei {service} verwenden. Bestätigen Sie, dass es Ihre ist.",
        ignore: "Falls Sie das nicht waren, ignorieren Sie diese Nachricht. Es ändert sich nichts.",
    },
    address_changing: Sentences {
        subject: "Ihre E-Mail-Adresse wird geändert",
        lead: "Die E-Mail-Adresse Ihres Kontos bei {service} wird in {detail} geändert.",
        ignore: "Falls Sie das nicht waren, brechen Sie die Änderung jetzt ab und legen Sie ein neues Passwort fest.",
    },
    address_changed: Sentences {
        subject: "Ihre E-Mail-Adresse wurde geändert",
        lead: "Die E-Mail-Adresse Ihres Kontos bei {service} wurde in {detail} geändert. Diese Adresse gehört nicht mehr dazu.",
        ignore: "Falls Sie das nicht veranlasst haben, wenden Sie sich an den Betreiber des Dienstes.",
    },
    account_deleted: Sentences {
        subject: "Ihr Konto wurde gelöscht",
        lead: "Ihr Konto bei {service} und alles, was über Sie gespeichert war, wurden gelöscht.",
        ignore: "Falls Sie das nicht waren, wenden Sie sich an den Betreiber des Dienstes.",
    },
    account_leaving: Sentences {
        subject: "Ihr Konto wird gelöscht",
        lead: "Ihr Konto bei {service} wird am {detail} gelöscht. Sie wurden überall abgemeldet. Bis dahin können Sie sich anmelden, um es zu behalten.",
        ignore: "Falls Sie das nicht waren, melden Sie sich an, behalten Sie das Konto und legen Sie sofort ein neues Passwort fest.",
    },
    account_kept: Sentences {
        subject: "Ihr Konto bleibt bestehen",
        lead: "Ihr Konto bei {service} wird nicht gelöscht. Jemand hat sich mit dem Passwort angemeldet und das Konto behalten.",
        ignore: "Falls Sie das nicht waren, legen Sie sofort ein neues Passwort fest.",
    },
    factor_added: Sentences {
        subject: "Anmeldung in zwei Schritten ist aktiv",
        lead: "Ihrem Konto bei {service} wurde eine Authenticator-App hinzugefügt. Zur Anmeldung ist nun auch ein Code der App nötig.",
        ignore: "Falls Sie das nicht waren, öffnen Sie Ihr Konto, entfernen Sie die App und legen Sie ein neues Passwort fest.",
    },
    factor_removed: Sentences {
        subject: "Anmeldung in zwei Schritten ist aus",
        lead: "Die Authenticator-App wurde aus Ihrem Konto bei {service} entfernt. Zur Anmeldung genügt nun das Passwort.",
        ignore: "Falls Sie das nicht waren, legen Sie sofort ein neues Passwort fest und richten Sie die App wieder ein.",
    },
    factor_leaving: Sentences {
        subject: "Anmeldung in zwei Schritten wird abgeschaltet",
        lead: "Die Authenticator-App Ihres Kontos bei {service} wird am {detail} entfernt. Um sie zu behalten, melden Sie sich vorher mit einem Code der App an.",
        ignore: "Falls Sie das nicht waren, melden Sie sich jetzt mit der App an, dann bleibt sie erhalten, und legen Sie ein neues Passwort fest.",
    },
    codes_replaced: Sentences {
        subject: "Ihre Wiederherstellungscodes wurden ersetzt",
        lead: "Ihr Konto bei {service} hat neue Wiederherstellungscodes. Die alten gelten nicht mehr.",
        ignore: "Falls Sie das nicht waren, erzeugen Sie in Ihrem Konto neue Codes und legen Sie ein neues Passwort fest.",
    },
};
