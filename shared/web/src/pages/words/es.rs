//! Spanish.

use super::{Account, Around, Date, Notice, Notices, Permissions, Problems, Words};

pub(super) static WORDS: Words = Words {
    mistake: "Error: ",
    username: "Nombre de usuario",
    password: "Contraseña",
    show: "Mostrar",
    hide: "Ocultar",
    show_password: "Mostrar la contraseña",
    hide_password: "Ocultar la contraseña",
    caps_lock: "El bloqueo de mayúsculas está activado.",
    policy_of: Around::new("Política de privacidad de {}"),
    terms_of: Around::new("Condiciones de uso de {}"),
    back_to: Around::new("Volver a {}"),

    sign_in: "Iniciar sesión",
    to_continue: Around::new("para continuar en {}"),
    new_here: "¿Es su primera vez aquí?",
    sign_up_instead: "Crear una cuenta",
    wrong_credentials: "El nombre de usuario y la contraseña no coinciden. Inténtelo de nuevo.",
    no_address: "Escriba un nombre de usuario, no una dirección de correo.",
    throttled,

    sign_up: "Cree su cuenta",
    sign_up_button: "Crear cuenta",
    have_account: "¿Ya tiene una cuenta?",
    name: "Su nombre",
    optional: "opcional",
    username_hint: "De 3 a 64 caracteres, sin espacios ni @.",
    password_hint: Around::new(
        "Al menos {} caracteres. Varias palabras sin relación entre sí son fáciles de recordar y difíciles de adivinar.",
    ),
    check_fields: "Revise los campos señalados.",
    problems: Problems {
        username_missing: "Elija un nombre de usuario.",
        username_characters: "Use letras, números y signos sencillos, sin espacios ni @.",
        username_short: "Use al menos 3 caracteres.",
        username_long: "Use como máximo 64 caracteres.",
        username_taken: "Este nombre de usuario ya está en uso. Elija otro.",
        password_missing: "Elija una contraseña.",
        password_short: Around::new("Use al menos {} caracteres."),
        password_long: "Esta contraseña es demasiado larga.",
        password_common: "Esta contraseña es demasiado común. Use varias palabras sin relación entre sí.",
        password_breached: "Esta contraseña apareció en una filtración de datos. Elija otra.",
        password_context: "No use su nombre de usuario ni el nombre de este servicio en la contraseña.",
        name_characters: "Quite los saltos de línea y los caracteres invisibles.",
        name_short: "Use al menos un carácter visible o deje el nombre vacío.",
        name_long: "Use como máximo 128 caracteres.",
        unusable: "Este valor no se puede usar.",
    },

    wants_access: Around::new("{} quiere acceder a su cuenta"),
    signed_in_as: "Sesión iniciada como",
    not_you: "¿No es usted?",
    will_be_able: "Esta aplicación podrá",
    verified: Around::new("Después volverá a {}."),
    unverified: "Esta aplicación no está verificada.",
    unverified_why: Around::new(
        "Cualquiera pudo registrarla con este nombre. Continúe solo si viene de esta aplicación y conoce {}, adonde irá \
         después.",
    ),
    allow: "Permitir",
    deny: "Rechazar",
    permissions: Permissions {
        account: "ver y cambiar su cuenta: perfil, contraseña y sesiones",
        email: "ver su dirección de correo",
        profile: "ver su nombre y su nombre de usuario",
        openid: "reconocerle cuando vuelva",
        offline_access: "conservar este acceso mientras no usa la aplicación",
    },

    choose: "Elija una cuenta",
    continue_as: Around::new("Continuar como {}"),
    another_account: "Usar otra cuenta",

    sign_out: "¿Cerrar la sesión?",
    sign_out_lead: "Las aplicaciones le pedirán que inicie sesión de nuevo cuando necesiten saber quién es.",
    sign_out_button: "Cerrar sesión",
    stay: "Mantener la sesión abierta",
    signed_out: "Ha cerrado la sesión",
    signed_out_lead: "En un ordenador compartido, cierre también el navegador.",

    one_moment: "Un momento",
    returning: Around::new("Está volviendo a {}."),
    go_on: "Continuar",

    home: "Aquí se inicia sesión en las aplicaciones. Abra la aplicación que quiera usar: le traerá aquí cuando tenga que \
           iniciar sesión.",
    issuer: "Emisor",
    for_developers: "Para desarrolladores",
    reference: "Referencia:",
    notices: Notices {
        expired: Notice {
            title: "Esta página ha caducado",
            text: "Vuelva a la aplicación y empiece de nuevo. Si esto se repite, permita las cookies de este sitio.",
        },
        declined: Notice {
            title: "Solicitud rechazada",
            text: "Usted o una regla de este servicio rechazó la solicitud. No se ha compartido nada.",
        },
        not_found: Notice {
            title: "Página no encontrada",
            text: "No hay ninguna página en esta dirección. Vuelva a la aplicación de la que viene.",
        },
        closed: Notice { title: "No hay cuentas nuevas", text: "En este momento no es posible crear cuentas aquí." },
        too_many: "Demasiados intentos",
        unavailable: Notice {
            title: "No disponible por el momento",
            text: "No es culpa suya. Espere un momento y vuelva a cargar esta página.",
        },
        broken: Notice {
            title: "Algo ha fallado",
            text: "No es culpa suya. El problema ha quedado registrado. Inténtelo de nuevo.",
        },
        forbidden: Notice {
            title: "No permitido",
            text: "No puede hacer esto. Vuelva a la aplicación de la que viene.",
        },
        unanswerable: Notice {
            title: "No se puede responder a esta solicitud",
            text: "La aplicación envió una solicitud a la que este servicio no puede responder. Vuelva a la aplicación y \
                   empiece de nuevo.",
        },
    },
    account: Account {
        title: "Su cuenta",
        profile: "Perfil",
        email: "Correo electrónico",
        not_verified: "sin verificar",
        not_given: "sin indicar",
        change: "Cambiar",
        changed_on: Around::new("Cambiada el {}"),
        save: "Guardar",
        cancel: "Cancelar",
        change_name: "Cambiar su nombre",
        change_password: "Cambiar su contraseña",
        change_password_lead: "Se cerrará la sesión en todos los demás navegadores y aplicaciones.",
        current_password: "Su contraseña actual",
        new_password: "Contraseña nueva",
        wrong_password: "Esta no es su contraseña actual. Inténtelo de nuevo.",
        devices: "Dónde tiene la sesión abierta",
        this_browser: "este navegador",
        unknown_device: "Dispositivo desconocido",
        last_used: Around::new("Último uso: {}"),
        apps_there: "Aplicaciones:",
        sign_out_everywhere: "Cerrar todas las sesiones",
        sign_out_everywhere_hint: "Se cierran todas las sesiones, también la de este navegador.",
        apps: "Aplicaciones con acceso",
        no_apps: "Ninguna aplicación tiene acceso a su cuenta.",
        since: Around::new("Desde el {}"),
        remove_access: "Retirar el acceso",
        data: "Sus datos",
        export_hint: "Todo lo que se guarda sobre usted, en un archivo.",
        export: "Descargar",
        delete: "Eliminar su cuenta",
        delete_lead: "Esta acción no se puede deshacer:",
        delete_consequences: [
            "Se eliminan su perfil y su contraseña.",
            "Se cierra la sesión en todos los navegadores y aplicaciones.",
            "Las aplicaciones pierden el acceso a su cuenta.",
            "Su nombre de usuario queda libre, y otra persona puede usarlo.",
        ],
        delete_button: "Eliminar la cuenta",
        deleted: "Su cuenta se ha eliminado",
        deleted_lead: "Puede cerrar esta página. Las aplicaciones que usó pueden conservar sus propios datos sobre usted.",
        date,
    },
};

fn throttled(minutes: u64) -> String {
    match minutes {
        1 => "Demasiados intentos. Vuelva a intentarlo dentro de un minuto.".to_owned(),
        _ => format!("Demasiados intentos. Vuelva a intentarlo dentro de {minutes} minutos."),
    }
}

fn date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    format!("{} de {} de {}", date.day, date.month_in(&MONTHS), date.year)
}
