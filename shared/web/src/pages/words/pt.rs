//! Portuguese, in words that both Brazil and Portugal use.

use super::{Account, Around, Date, Notice, Notices, Permissions, Problems, Words};

pub(super) static WORDS: Words = Words {
    mistake: "Erro: ",
    username: "Nome de usuário",
    password: "Senha",
    show: "Mostrar",
    hide: "Ocultar",
    show_password: "Mostrar a senha",
    hide_password: "Ocultar a senha",
    caps_lock: "A tecla Caps Lock está ativada.",
    policy_of: Around::new("Política de privacidade de {}"),
    terms_of: Around::new("Termos de uso de {}"),
    back_to: Around::new("Voltar para {}"),

    sign_in: "Entrar",
    to_continue: Around::new("para continuar em {}"),
    new_here: "É a sua primeira vez aqui?",
    sign_up_instead: "Criar uma conta",
    wrong_credentials: "O nome de usuário e a senha não correspondem. Tente novamente.",
    no_address: "Use um nome de usuário, não um endereço de e-mail.",
    throttled,

    sign_up: "Crie a sua conta",
    sign_up_button: "Criar conta",
    have_account: "Já tem uma conta?",
    name: "O seu nome",
    optional: "opcional",
    username_hint: "De 3 a 64 caracteres, sem espaços e sem @.",
    password_hint: Around::new(
        "Pelo menos {} caracteres. Várias palavras sem relação entre si são fáceis de lembrar e difíceis de adivinhar.",
    ),
    check_fields: "Verifique os campos destacados.",
    problems: Problems {
        username_missing: "Escolha um nome de usuário.",
        username_characters: "Use letras, números e pontuação simples, sem espaços e sem @.",
        username_short: "Use pelo menos 3 caracteres.",
        username_long: "Use no máximo 64 caracteres.",
        username_taken: "Este nome de usuário já está em uso. Escolha outro.",
        password_missing: "Escolha uma senha.",
        password_short: Around::new("Use pelo menos {} caracteres."),
        password_long: "Esta senha é longa demais.",
        password_common: "Esta senha é comum demais. Use várias palavras sem relação entre si.",
        password_breached: "Esta senha apareceu em um vazamento de dados. Escolha outra.",
        password_context: "Não use o seu nome de usuário nem o nome deste serviço na senha.",
        name_characters: "Remova as quebras de linha e os caracteres invisíveis.",
        name_short: "Use pelo menos um caractere visível ou deixe o nome em branco.",
        name_long: "Use no máximo 128 caracteres.",
        unusable: "Este valor não pode ser usado.",
    },

    wants_access: Around::new("{} quer acessar a sua conta"),
    signed_in_as: "Sessão iniciada como",
    not_you: "Não é você?",
    will_be_able: "Este aplicativo poderá",
    verified: Around::new("Depois você voltará para {}."),
    unverified: "Este aplicativo não foi verificado.",
    unverified_why: Around::new(
        "Qualquer pessoa pode tê-lo registrado com este nome. Continue somente se você veio deste aplicativo e conhece {}, \
         para onde irá a seguir.",
    ),
    allow: "Permitir",
    deny: "Recusar",
    permissions: Permissions {
        account: "ver e alterar a sua conta: perfil, senha e sessões",
        email: "ver o seu endereço de e-mail",
        profile: "ver o seu nome e o seu nome de usuário",
        openid: "reconhecer você quando voltar",
        offline_access: "manter este acesso enquanto você não usa o aplicativo",
    },

    choose: "Escolha uma conta",
    continue_as: Around::new("Continuar como {}"),
    another_account: "Usar outra conta",

    sign_out: "Sair?",
    sign_out_lead: "Os aplicativos pedirão que você entre novamente quando precisarem saber quem você é.",
    sign_out_button: "Sair",
    stay: "Manter a sessão aberta",
    signed_out: "Você saiu",
    signed_out_lead: "Em um computador compartilhado, feche também o navegador.",

    one_moment: "Um momento",
    returning: Around::new("Você está voltando para {}."),
    go_on: "Continuar",

    home: "Aqui as pessoas entram nos seus aplicativos. Abra o aplicativo que deseja usar: ele trará você de volta quando for \
           preciso entrar.",
    issuer: "Emissor",
    for_developers: "Para desenvolvedores",
    reference: "Referência:",
    notices: Notices {
        expired: Notice {
            title: "Esta página expirou",
            text: "Volte ao aplicativo e comece de novo. Se isso continuar acontecendo, permita os cookies deste site.",
        },
        declined: Notice {
            title: "Solicitação recusada",
            text: "Você ou uma regra deste serviço recusou a solicitação. Nada foi compartilhado.",
        },
        not_found: Notice {
            title: "Página não encontrada",
            text: "Não há nenhuma página neste endereço. Volte ao aplicativo de onde você veio.",
        },
        closed: Notice { title: "Não há novas contas", text: "No momento não é possível criar contas aqui." },
        too_many: "Tentativas demais",
        unavailable: Notice {
            title: "Temporariamente indisponível",
            text: "A culpa não é sua. Espere um momento e carregue esta página novamente.",
        },
        broken: Notice {
            title: "Algo deu errado",
            text: "A culpa não é sua. O problema foi registrado. Tente novamente.",
        },
        forbidden: Notice {
            title: "Não permitido",
            text: "Você não pode fazer isto. Volte ao aplicativo de onde você veio.",
        },
        unanswerable: Notice {
            title: "Não é possível responder a esta solicitação",
            text: "O aplicativo enviou uma solicitação que este serviço não pode responder. Volte ao aplicativo e comece de \
                   novo.",
        },
    },
    account: Account {
        title: "A sua conta",
        profile: "Perfil",
        email: "Endereço de e-mail",
        not_verified: "não verificado",
        not_given: "não indicado",
        change: "Alterar",
        changed_on: Around::new("Alterada em {}"),
        save: "Guardar",
        cancel: "Cancelar",
        change_name: "Alterar o nome",
        change_password: "Alterar a senha",
        change_password_lead: "A sessão é terminada em todos os outros navegadores e aplicativos.",
        current_password: "A sua senha atual",
        new_password: "Nova senha",
        wrong_password: "Esta não é a sua senha atual. Tente novamente.",
        devices: "Onde tem sessão iniciada",
        this_browser: "este navegador",
        unknown_device: "Dispositivo desconhecido",
        last_used: Around::new("Último uso em {}"),
        apps_there: "Aplicativos:",
        sign_out_everywhere: "Sair em todos os lugares",
        sign_out_everywhere_hint: "Termina todas as sessões, também neste navegador.",
        apps: "Aplicativos com acesso",
        no_apps: "Nenhum aplicativo tem acesso à sua conta.",
        since: Around::new("Desde {}"),
        remove_access: "Remover acesso",
        data: "Os seus dados",
        export_hint: "Tudo o que é guardado sobre si, num arquivo.",
        export: "Baixar",
        delete: "Excluir a conta",
        delete_lead: "Isto não pode ser desfeito:",
        delete_consequences: [
            "O seu perfil e a sua senha são excluídos.",
            "A sessão é terminada em todos os navegadores e aplicativos.",
            "Os aplicativos perdem o acesso à sua conta.",
            "O seu nome de usuário fica livre, e outra pessoa pode usá-lo.",
        ],
        delete_button: "Excluir conta",
        deleted: "A sua conta foi excluída",
        deleted_lead: "Pode fechar esta página. Os aplicativos que usou podem ainda guardar dados próprios sobre si.",
        date,
    },
};

fn throttled(minutes: u64) -> String {
    match minutes {
        1 => "Tentativas demais. Tente novamente em um minuto.".to_owned(),
        _ => format!("Tentativas demais. Tente novamente em {minutes} minutos."),
    }
}

fn date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ];
    format!("{} de {} de {}", date.day, date.month_in(&MONTHS), date.year)
}
