//! French.

use super::{Sentences, Words};

pub(super) static WORDS: Words = Words {
    code_hint: "Saisissez ce code sur la page où vous avez commencé. Il est valable 10 minutes, et seulement sur cette page.",
    link_hint: "Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur\u{a0}:",
    automatic: "Ce message a été envoyé automatiquement par {service}. Merci de ne pas y répondre.",
    confirm: "Confirmer cette adresse",
    sign_in: "Se connecter",
    new_password: "Définir un nouveau mot de passe",
    account: "Ouvrir votre compte",
    cancel: "Annuler la modification",
    keep_account: "Conserver le compte",
    verify_address: Sentences {
        subject: "Confirmez votre adresse e-mail",
        lead: "Un compte a été créé sur {service} avec cette adresse. Confirmez que c’est bien la vôtre.",
        ignore: "Si ce n’était pas vous, ignorez ce message. Le compte sera supprimé automatiquement au bout de 24 heures.",
    },
    account_exists: Sentences {
        subject: "Vous avez déjà un compte",
        lead: "Quelqu’un a saisi cette adresse sur {service}, pour créer un compte ou pour changer l’adresse d’un compte, mais elle appartient déjà à votre compte. Connectez-vous, ou définissez un nouveau mot de passe si vous avez oublié le vôtre.",
        ignore: "Si ce n’était pas vous, ignorez ce message. Rien n’a changé.",
    },
    reset_password: Sentences {
        subject: "Définissez un nouveau mot de passe",
        lead: "Un nouveau mot de passe a été demandé pour votre compte sur {service}.",
        ignore: "Si ce n’était pas vous, ignorez ce message. Votre mot de passe reste inchangé.",
    },
    password_changed: Sentences {
        subject: "Votre mot de passe a été modifié",
        lead: "Le mot de passe de votre compte sur {service} a été modifié, et les autres appareils ont été déconnectés.",
        ignore: "Si ce n’était pas vous, définissez tout de suite un nouveau mot de passe.",
    },
    prove_address: Sentences {
        subject: "Confirmez votre nouvelle adresse e-mail",
        lead: "Quelqu’un souhaite utiliser cette adresse pour un compte sur {service}. Confirmez que c’est bien la vôtre.",
        ignore: "Si ce n’était pas vous, ignorez ce message. Rien ne changera.",
    },
    address_changing: Sentences {
        subject: "Votre adresse e-mail va changer",
        lead: "L’adresse e-mail de votre compte sur {service} sera remplacée par {detail}.",
        ignore: "Si ce n’était pas vous, annulez la modification maintenant et définissez un nouveau mot de passe.",
    },
    address_changed: Sentences {
        subject: "Votre adresse e-mail a été modifiée",
        lead: "L’adresse e-mail de votre compte sur {service} a été remplacée par {detail}. Cette adresse-ci n’en fait plus partie.",
        ignore: "Si vous n’avez pas demandé ce changement, contactez l’exploitant du service.",
    },
    account_deleted: Sentences {
        subject: "Votre compte a été supprimé",
        lead: "Votre compte sur {service} et tout ce qui était conservé à votre sujet ont été supprimés.",
        ignore: "Si ce n’était pas vous, contactez l’exploitant du service.",
    },
    account_leaving: Sentences {
        subject: "Votre compte sera supprimé",
        lead: "Votre compte sur {service} sera supprimé le {detail}. Vous avez été déconnecté partout. D’ici là, vous pouvez vous connecter pour le conserver.",
        ignore: "Si ce n’était pas vous, connectez-vous, conservez le compte et définissez tout de suite un nouveau mot de passe.",
    },
    account_kept: Sentences {
        subject: "Votre compte est conservé",
        lead: "Votre compte sur {service} ne sera pas supprimé. Une personne s’est connectée avec le mot de passe et a conservé le compte.",
        ignore: "Si ce n’était pas vous, définissez tout de suite un nouveau mot de passe.",
    },
    factor_added: Sentences {
        subject: "La connexion en deux étapes est activée",
        lead: "Une application d’authentification a été ajoutée à votre compte sur {service}. La connexion demande désormais aussi un code de cette application.",
        ignore: "Si ce n’était pas vous, ouvrez votre compte, retirez l’application et définissez un nouveau mot de passe.",
    },
    factor_removed: Sentences {
        subject: "La connexion en deux étapes est désactivée",
        lead: "L’application d’authentification a été retirée de votre compte sur {service}. Le mot de passe suffit désormais pour se connecter.",
        ignore: "Si ce n’était pas vous, définissez tout de suite un nouveau mot de passe et configurez de nouveau l’application.",
    },
    factor_leaving: Sentences {
        subject: "La connexion en deux étapes va être désactivée",
        lead: "L’application d’authentification de votre compte sur {service} sera retirée le {detail}. Pour la conserver, connectez-vous avant avec un code de l’application.",
        ignore: "Si ce n’était pas vous, connectez-vous maintenant avec l’application, ce qui la conserve, et définissez un nouveau mot de passe.",
    },
    codes_replaced: Sentences {
        subject: "Vos codes de récupération ont été remplacés",
        lead: "Votre compte sur {service} a de nouveaux codes de récupération. Les anciens ne fonctionnent plus.",
        ignore: "Si ce n’était pas vous, créez de nouveaux codes dans votre compte et définissez un nouveau mot de passe.",
    },
};
