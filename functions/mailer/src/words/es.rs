//! Spanish.

use super::{Sentences, Words};

pub(super) static WORDS: Words = Words {
    code_hint: "Introduzca este código en la página donde empezó. Es válido durante 10 minutos, y solo allí.",
    link_hint: "Si el botón no funciona, copie esta dirección en su navegador:",
    automatic: "{service} ha enviado este mensaje automáticamente. No responda a él, por favor.",
    confirm: "Confirmar esta dirección",
    sign_in: "Iniciar sesión",
    new_password: "Elegir una contraseña nueva",
    account: "Abrir su cuenta",
    cancel: "Cancelar el cambio",
    verify_address: Sentences {
        subject: "Confirme su dirección de correo",
        lead: "Alguien ha creado una cuenta en {service} con esta dirección. Confirme que es suya.",
        ignore: "Si no ha sido usted, ignore este mensaje. La cuenta se eliminará sola en 24 horas.",
    },
    account_exists: Sentences {
        subject: "Ya tiene una cuenta",
        lead: "Alguien ha intentado crear una cuenta en {service} con esta dirección, pero usted ya tiene una. Inicie sesión, o elija una contraseña nueva si ha olvidado la suya.",
        ignore: "Si no ha sido usted, ignore este mensaje. No ha cambiado nada.",
    },
    reset_password: Sentences {
        subject: "Elija una contraseña nueva",
        lead: "Se ha solicitado una contraseña nueva para su cuenta en {service}.",
        ignore: "Si no ha sido usted, ignore este mensaje. Su contraseña sigue siendo la misma.",
    },
    password_changed: Sentences {
        subject: "Su contraseña ha cambiado",
        lead: "La contraseña de su cuenta en {service} ha cambiado, y se ha cerrado la sesión en los demás dispositivos.",
        ignore: "Si no ha sido usted, elija una contraseña nueva de inmediato.",
    },
    prove_address: Sentences {
        subject: "Confirme su nueva dirección de correo",
        lead: "Alguien quiere usar esta dirección para una cuenta en {service}. Confirme que es suya.",
        ignore: "Si no ha sido usted, ignore este mensaje. No cambiará nada.",
    },
    address_changing: Sentences {
        subject: "Su dirección de correo va a cambiar",
        lead: "La dirección de su cuenta en {service} cambiará a {detail}.",
        ignore: "Si no ha sido usted, cancele el cambio ahora y elija una contraseña nueva.",
    },
    account_deleted: Sentences {
        subject: "Su cuenta se ha eliminado",
        lead: "Se han eliminado su cuenta en {service} y todo lo que se guardaba sobre usted.",
        ignore: "Si no ha sido usted, póngase en contacto con el operador del servicio.",
    },
};
