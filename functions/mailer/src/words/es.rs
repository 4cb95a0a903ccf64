//! Spanish, in words that both Spain and Latin America use.

use super::{Sentences, Words};

pub(super) static WORDS: Words = Words {
    code_hint: "Escriba este código en la página donde empezó. Es válido durante 10 minutos y solo allí.",
    link_hint: "Si el botón no funciona, copie esta dirección en su navegador:",
    automatic: "{service} envió este mensaje automáticamente. Por favor, no lo responda.",
    confirm: "Confirmar esta dirección",
    sign_in: "Iniciar sesión",
    new_password: "Establecer una contraseña nueva",
    account: "Abrir su cuenta",
    cancel: "Cancelar el cambio",
    keep_account: "Conservar la cuenta",
    verify_address: Sentences {
        subject: "Confirme su dirección de correo electrónico",
        lead: "Alguien creó una cuenta en {service} con esta dirección. Confirme que es suya.",
        ignore: "Si no fue usted, ignore este mensaje. La cuenta se eliminará automáticamente después de 24 horas.",
    },
    account_exists: Sentences {
        subject: "Ya tiene una cuenta",
        lead: "Alguien introdujo esta dirección en {service}, para crear una cuenta o para cambiar la dirección de una, pero ya pertenece a su cuenta. Inicie sesión, o establezca una contraseña nueva si olvidó la suya.",
        ignore: "Si no fue usted, ignore este mensaje. No ha cambiado nada.",
    },
    reset_password: Sentences {
        subject: "Establezca una contraseña nueva",
        lead: "Se solicitó una contraseña nueva para su cuenta en {service}.",
        ignore: "Si no fue usted, ignore este mensaje. Su contraseña sigue siendo la misma.",
    },
    password_changed: Sentences {
        subject: "Se cambió su contraseña",
        lead: "Se cambió la contraseña de su cuenta en {service}, y se cerró la sesión en los demás dispositivos.",
        ignore: "Si no fue usted, establezca de inmediato una contraseña nueva.",
    },
    prove_address: Sentences {
        subject: "Confirme su nueva dirección de correo electrónico",
        lead: "Alguien quiere usar esta dirección para una cuenta en {service}. Confirme que es suya.",
        ignore: "Si no fue usted, ignore este mensaje. No cambiará nada.",
    },
    address_changing: Sentences {
        subject: "Su dirección de correo electrónico va a cambiar",
        lead: "La dirección de correo electrónico de su cuenta en {service} cambiará a {detail}.",
        ignore: "Si no fue usted, cancele el cambio ahora y establezca una contraseña nueva.",
    },
    address_changed: Sentences {
        subject: "Su dirección de correo ha cambiado",
        lead: "La dirección de correo de su cuenta en {service} se cambió a {detail}. Esta dirección ya no pertenece a ella.",
        ignore: "Si usted no lo pidió, póngase en contacto con el operador del servicio.",
    },
    account_deleted: Sentences {
        subject: "Se eliminó su cuenta",
        lead: "Se eliminaron su cuenta en {service} y todo lo que se guardaba sobre usted.",
        ignore: "Si no fue usted, póngase en contacto con el operador del servicio.",
    },
    account_leaving: Sentences {
        subject: "Su cuenta se eliminará",
        lead: "Su cuenta en {service} se eliminará el {detail}. Se cerró la sesión en todas partes. Hasta entonces puede iniciar sesión para conservarla.",
        ignore: "Si no fue usted, inicie sesión, conserve la cuenta y establezca de inmediato una contraseña nueva.",
    },
    account_kept: Sentences {
        subject: "Su cuenta se conserva",
        lead: "Su cuenta en {service} no se eliminará. Alguien inició sesión con la contraseña y conservó la cuenta.",
        ignore: "Si no fue usted, establezca de inmediato una contraseña nueva.",
    },
    factor_added: Sentences {
        subject: "El inicio de sesión en dos pasos está activado",
        lead: "Se añadió una aplicación de autenticación a su cuenta en {service}. Ahora, para iniciar sesión, también hace falta un código de la aplicación.",
        ignore: "Si no fue usted, abra su cuenta, quite la aplicación y establezca una contraseña nueva.",
    },
    factor_removed: Sentences {
        subject: "El inicio de sesión en dos pasos está desactivado",
        lead: "Se quitó la aplicación de autenticación de su cuenta en {service}. Ahora basta la contraseña para iniciar sesión.",
        ignore: "Si no fue usted, establezca de inmediato una contraseña nueva y vuelva a configurar la aplicación.",
    },
    factor_leaving: Sentences {
        subject: "El inicio de sesión en dos pasos se va a desactivar",
        lead: "La aplicación de autenticación de su cuenta en {service} se quitará el {detail}. Para conservarla, inicie sesión antes con un código de la aplicación.",
        ignore: "Si no fue usted, inicie sesión ahora con la aplicación, así se conserva, y establezca una contraseña nueva.",
    },
    codes_replaced: Sentences {
        subject: "Sus códigos de recuperación se han sustituido",
        lead: "Su cuenta en {service} tiene códigos de recuperación nuevos. Los anteriores ya no funcionan.",
        ignore: "Si no fue usted, cree códigos nuevos en su cuenta y establezca una contraseña nueva.",
    },
};
