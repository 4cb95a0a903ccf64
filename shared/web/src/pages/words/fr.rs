//! French.

use super::{Account, Around, Date, Mailed, Notice, Notices, Permissions, Problems, Words};

pub(super) static WORDS: Words = Words {
    mistake: "Erreur\u{a0}: ",
    username: "Nom d’utilisateur",
    password: "Mot de passe",
    show: "Afficher",
    hide: "Masquer",
    show_password: "Afficher le mot de passe",
    hide_password: "Masquer le mot de passe",
    caps_lock: "Le verrouillage des majuscules est activé.",
    policy_of: Around::new("Politique de confidentialité de {}"),
    terms_of: Around::new("Conditions d’utilisation de {}"),
    back_to: Around::new("Retour à {}"),

    sign_in: "Se connecter",
    to_continue: Around::new("pour continuer vers {}"),
    new_here: "Première visite\u{a0}?",
    sign_up_instead: "Créer un compte",
    wrong_credentials: "Vos identifiants sont incorrects. Vérifiez-les et réessayez.",
    no_address: "Saisissez un nom d’utilisateur, pas une adresse e-mail.",
    throttled,

    sign_up: "Créer votre compte",
    sign_up_button: "Créer le compte",
    have_account: "Vous avez déjà un compte\u{a0}?",
    name: "Votre nom",
    optional: "facultatif",
    username_hint: "De 3 à 64 caractères, sans espaces ni @.",
    password_hint: Around::new(
        "Au moins {} caractères. Plusieurs mots sans rapport entre eux sont faciles à retenir et difficiles à deviner.",
    ),
    check_fields: "Vérifiez les champs signalés.",
    patience: Around::new(
        "Saisissez à nouveau votre mot de passe, attendez {} secondes, puis appuyez sur le bouton. Cela tient les robots à l’écart.",
    ),
    problems: Problems {
        username_missing: "Choisissez un nom d’utilisateur.",
        username_characters: "Utilisez des lettres, des chiffres et une ponctuation simple, sans espaces ni @.",
        username_short: "Utilisez au moins 3 caractères.",
        username_long: "Utilisez au plus 64 caractères.",
        username_taken: "Ce nom d’utilisateur est déjà pris. Choisissez-en un autre.",
        password_missing: "Choisissez un mot de passe.",
        password_short: Around::new("Utilisez au moins {} caractères."),
        password_long: "Ce mot de passe est trop long.",
        password_common: "Ce mot de passe est trop courant. Utilisez plusieurs mots sans rapport entre eux.",
        password_breached: "Ce mot de passe figure dans une fuite de données. Choisissez-en un autre.",
        password_context: "N’utilisez ni votre nom d’utilisateur, ni votre adresse e-mail, ni le nom de ce service dans votre mot de passe.",
        name_characters: "Supprimez les retours à la ligne et les caractères invisibles.",
        name_short: "Utilisez au moins un caractère visible, ou laissez le nom vide.",
        name_long: "Utilisez au plus 128 caractères.",
        unusable: "Cette valeur ne peut pas être utilisée.",
    },

    wants_access: Around::new("{} souhaite accéder à votre compte"),
    signed_in_as: "Connecté en tant que",
    not_you: "Ce n’est pas vous\u{a0}?",
    will_be_able: "Cette application pourra",
    verified: Around::new("Vous retournerez ensuite sur {}."),
    unverified: "Cette application n’est pas vérifiée.",
    unverified_why: Around::new(
        "N’importe qui a pu l’enregistrer sous ce nom. Ne continuez que si vous venez de cette application et que vous \
         connaissez {}, où vous irez ensuite.",
    ),
    allow: "Autoriser",
    deny: "Refuser",
    permissions: Permissions {
        account: "voir et modifier votre compte\u{a0}: profil, mot de passe et sessions",
        email: "voir votre adresse e-mail",
        profile: "voir votre nom et votre nom d’utilisateur",
        openid: "vous reconnaître à votre retour",
        offline_access: "conserver cet accès quand vous n’utilisez pas l’application",
    },

    choose: "Choisir un compte",
    continue_as: Around::new("Continuer en tant que {}"),
    another_account: "Utiliser un autre compte",

    sign_out: "Se déconnecter\u{a0}?",
    sign_out_lead: "Les applications vous demanderont de vous reconnecter quand elles devront savoir qui vous êtes.",
    sign_out_button: "Se déconnecter",
    stay: "Rester connecté",
    signed_out: "Déconnexion effectuée",
    signed_out_lead: "Sur un ordinateur partagé, fermez aussi le navigateur.",

    one_moment: "Un instant",
    returning: Around::new("Vous retournez à {}."),
    go_on: "Continuer",

    home: "C’est ici que l’on se connecte à ses applications. Ouvrez l’application que vous voulez utiliser\u{a0}: elle vous \
           ramènera ici quand il faudra vous connecter.",
    issuer: "Émetteur",
    for_developers: "Pour les développeurs",
    reference: "Référence\u{a0}:",
    mailed: Mailed {
        identifier: "Nom d’utilisateur ou adresse e-mail",
        email: "Adresse e-mail",
        email_hint: "Vous recevrez un e-mail avec un code. Vous pourrez vous connecter dès que l’adresse sera confirmée.",
        forgot_link: "Mot de passe oublié\u{a0}?",
        forgot: "Réinitialiser votre mot de passe",
        forgot_lead: "Saisissez votre nom d’utilisateur ou votre adresse e-mail. Si un compte avec une adresse confirmée y correspond, un code sera envoyé à cette adresse.",
        forgot_button: "Envoyer le code",
        code: "Code reçu par e-mail",
        code_hint: "8 lettres et chiffres, par exemple 4F7K-Q2M9.",
        sent: "Si le compte existe, un e-mail avec un code est en route. Cela peut prendre une minute. Une adresse reçoit au plus trois e-mails de ce type par heure.",
        verify: "Confirmer votre adresse e-mail",
        verify_sent: "Un e-mail a été envoyé à l’adresse saisie. Saisissez ici le code qu’il contient, dans les dix minutes.",
        verify_link: "Choisissez le mot de passe de votre compte. Il remplace celui qui a été saisi à la création du compte.",
        change_link: "Saisissez le mot de passe de votre compte pour confirmer que cette adresse lui appartient.",
        confirm: "Confirmer",
        reset: "Définir un nouveau mot de passe",
        new_password: "Nouveau mot de passe",
        reset_button: "Définir le mot de passe",
        keep: "Conserver votre adresse e-mail\u{a0}?",
        keep_lead: "Une personne connectée à votre compte veut en remplacer l’adresse e-mail. Si ce n’était pas vous, conservez l’adresse et modifiez votre mot de passe.",
        keep_button: "Conserver l’adresse",
        wrong_code: "Ce code ou ce lien est incorrect, a expiré ou a déjà été utilisé. Essayez le lien de l’e-mail, ou recommencez pour en recevoir un nouveau.",
        email_missing: "Saisissez une adresse e-mail.",
        email_invalid: "Saisissez une adresse comme alice@example.com.",
        verified: Notice { title: "Votre adresse est confirmée", text: "Vous pouvez maintenant vous connecter." },
        changed: Notice {
            title: "Votre adresse est confirmée",
            text: "C’est maintenant l’adresse e-mail de votre compte.",
        },
        changes_later: Notice {
            title: "Votre adresse est confirmée",
            text: "Elle remplacera l’adresse actuelle dans 24 heures. D’ici là, la modification peut être annulée.",
        },
        was_reset: Notice {
            title: "Votre mot de passe a été modifié",
            text: "Vous avez été déconnecté partout. Connectez-vous avec le nouveau mot de passe.",
        },
        kept: Notice {
            title: "Votre adresse est conservée",
            text: "La modification a été annulée. Si vous ne l’aviez pas demandée, modifiez votre mot de passe maintenant.",
        },
        off: Notice {
            title: "E-mail indisponible",
            text: "Ce service n’envoie pas d’e-mails. Demandez de l’aide à son exploitant.",
        },
    },
    notices: Notices {
        expired: Notice {
            title: "Cette page a expiré",
            text: "Retournez à l’application et recommencez. Si cela se répète, autorisez les cookies pour ce site.",
        },
        declined: Notice {
            title: "Demande refusée",
            text: "Vous, ou une règle de ce service, avez refusé la demande. Rien n’a été partagé.",
        },
        not_found: Notice {
            title: "Page introuvable",
            text: "Il n’y a pas de page à cette adresse. Retournez à l’application d’où vous venez.",
        },
        closed: Notice {
            title: "Pas de nouveaux comptes",
            text: "Il n’est pas possible de créer un compte ici pour le moment.",
        },
        too_many: "Trop de tentatives",
        unavailable: Notice {
            title: "Temporairement indisponible",
            text: "Ce n’est pas de votre faute. Patientez un instant et rechargez cette page.",
        },
        broken: Notice {
            title: "Une erreur s’est produite",
            text: "Ce n’est pas de votre faute. Le problème a été enregistré. Veuillez réessayer.",
        },
        forbidden: Notice {
            title: "Accès refusé",
            text: "Vous ne pouvez pas faire cela. Retournez à l’application d’où vous venez.",
        },
        unanswerable: Notice {
            title: "Impossible de répondre à cette demande",
            text: "L’application a envoyé une demande à laquelle ce service ne peut pas répondre. Retournez à l’application et \
                   recommencez.",
        },
    },
    account: Account {
        title: "Votre compte",
        profile: "Profil",
        email: "Adresse e-mail",
        not_verified: "non confirmée",
        not_given: "non indiqué",
        change: "Modifier",
        changed_on: Around::new("Modifié le {}"),
        save: "Enregistrer",
        cancel: "Annuler",
        change_name: "Modifier votre nom",
        change_password: "Modifier votre mot de passe",
        change_password_lead: "Tous les autres navigateurs et applications seront déconnectés.",
        current_password: "Votre mot de passe actuel",
        new_password: "Nouveau mot de passe",
        wrong_password: "Ce n’est pas votre mot de passe actuel. Réessayez.",
        devices: "Où vous êtes connecté",
        this_browser: "ce navigateur",
        unknown_device: "Appareil inconnu",
        last_used: Around::new("Dernière utilisation le {}"),
        apps_there: "Applications\u{a0}:",
        sign_out_everywhere: "Se déconnecter partout",
        sign_out_everywhere_hint: "Toutes les sessions prennent fin, y compris dans ce navigateur.",
        apps: "Applications autorisées",
        no_apps: "Aucune application n’a accès à votre compte.",
        since: Around::new("Depuis le {}"),
        remove_access: "Retirer l’accès",
        data: "Vos données",
        export_hint: "Tout ce qui est conservé à votre sujet, dans un fichier.",
        export: "Télécharger",
        delete: "Supprimer votre compte",
        delete_lead: "Cette action est irréversible\u{a0}:",
        delete_consequences: [
            "Votre profil et votre mot de passe sont supprimés.",
            "Vous êtes déconnecté de tous les navigateurs et de toutes les applications.",
            "Les applications perdent l’accès à votre compte.",
            "Votre nom d’utilisateur redevient libre, et quelqu’un d’autre peut le prendre.",
        ],
        delete_button: "Supprimer le compte",
        deleted: "Votre compte a été supprimé",
        deleted_lead: "Vous pouvez fermer cette page. Les applications que vous avez utilisées peuvent encore conserver leurs propres données à votre sujet.",
        date,
    },
};

fn throttled(minutes: u64) -> String {
    match minutes {
        1 => "Trop de tentatives. Réessayez dans une minute.".to_owned(),
        _ => format!("Trop de tentatives. Réessayez dans {minutes} minutes."),
    }
}

fn date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    format!("{} {} {}", date.day, date.month_in(&MONTHS), date.year)
}
