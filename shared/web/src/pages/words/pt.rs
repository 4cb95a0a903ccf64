//! Portuguese, as in Brazil.

use super::{Account, Around, Date, Mailed, Notice, Notices, Permissions, Problems, Words};

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
    wrong_credentials: "Os dados de acesso estão incorretos. Confira e tente novamente.",
    no_address: "Use um nome de usuário, não um endereço de e-mail.",
    throttled,

    sign_up: "Crie sua conta",
    sign_up_button: "Criar conta",
    have_account: "Já tem uma conta?",
    name: "Seu nome",
    optional: "opcional",
    username_hint: "De 3 a 64 caracteres, sem espaços e sem @.",
    password_hint: Around::new(
        "Pelo menos {} caracteres. Várias palavras sem relação entre si são fáceis de lembrar e difíceis de adivinhar.",
    ),
    check_fields: "Verifique os campos destacados.",
    patience: Around::new(
        "Digite sua senha novamente, espere {} segundos e pressione o botão. Isso mantém os robôs afastados.",
    ),
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
        password_context: "Não use seu nome de usuário, seu endereço de e-mail nem o nome deste serviço na senha.",
        name_characters: "Remova as quebras de linha e os caracteres invisíveis.",
        name_short: "Use pelo menos um caractere visível ou deixe o nome em branco.",
        name_long: "Use no máximo 128 caracteres.",
        unusable: "Este valor não pode ser usado.",
    },

    wants_access: Around::new("{} quer acessar sua conta"),
    signed_in_as: "Você entrou como",
    not_you: "Não é você?",
    will_be_able: "Este aplicativo poderá",
    verified: Around::new("Depois você voltará para {}."),
    unverified: "Este aplicativo não foi verificado.",
    unverified_why: Around::new(
        "Qualquer pessoa pode tê-lo registrado com este nome. Continue somente se você veio deste aplicativo e conhece {}, \
         para onde você irá em seguida.",
    ),
    allow: "Permitir",
    deny: "Recusar",
    permissions: Permissions {
        account: "ver e alterar sua conta: perfil, senha e sessões",
        email: "ver seu endereço de e-mail",
        profile: "ver seu nome e seu nome de usuário",
        openid: "reconhecer você quando voltar",
        offline_access: "manter este acesso enquanto você não usa o aplicativo",
    },

    choose: "Escolha uma conta",
    continue_as: Around::new("Continuar como {}"),
    another_account: "Usar outra conta",

    sign_out: "Sair?",
    sign_out_lead: "Os aplicativos pedirão que você entre novamente quando precisarem saber quem você é.",
    sign_out_button: "Sair",
    stay: "Continuar conectado",
    signed_out: "Você saiu",
    signed_out_lead: "Em um computador compartilhado, feche também o navegador.",

    one_moment: "Um momento",
    returning: Around::new("Você está voltando para {}."),
    go_on: "Continuar",

    home: "Aqui as pessoas entram em seus aplicativos. Abra o aplicativo que deseja usar: ele trará você para cá quando for \
           preciso entrar.",
    issuer: "Emissor",
    for_developers: "Para desenvolvedores",
    reference: "Referência:",
    mailed: Mailed {
        identifier: "Nome de usuário ou endereço de e-mail",
        email: "Endereço de e-mail",
        email_hint: "Você receberá um e-mail com um código. Poderá entrar quando o endereço estiver confirmado.",
        forgot_link: "Esqueceu a senha?",
        forgot: "Redefinir a senha",
        forgot_lead: "Digite seu nome de usuário ou seu endereço de e-mail. Se houver uma conta com endereço confirmado, um código será enviado para lá.",
        forgot_button: "Enviar código",
        code: "Código do e-mail",
        code_hint: "8 letras e números, como 4F7K-Q2M9.",
        sent: "Se a conta existir, um e-mail com um código está a caminho. Pode levar um minuto. Um endereço recebe no máximo três e-mails como esse por hora.",
        verify: "Confirme seu endereço de e-mail",
        verify_sent: "Um e-mail foi enviado para o endereço informado. Digite aqui o código que ele contém em até dez minutos.",
        verify_link: "Escolha a senha da sua conta. Ela substitui a que foi informada na criação da conta.",
        change_link: "Digite a senha da sua conta para confirmar que este endereço pertence a ela.",
        confirm: "Confirmar",
        reset: "Definir uma nova senha",
        new_password: "Nova senha",
        reset_button: "Definir senha",
        keep: "Manter seu endereço de e-mail?",
        keep_lead: "Alguém que entrou na sua conta quer substituir o endereço de e-mail dela. Se não foi você, mantenha o endereço e altere a senha.",
        keep_button: "Manter endereço",
        wrong_code: "Este código ou link está errado, expirou ou já foi usado. Tente o link do e-mail ou comece de novo para receber outro.",
        email_missing: "Digite um endereço de e-mail.",
        email_invalid: "Digite um endereço como alice@example.com.",
        verified: Notice { title: "Seu endereço está confirmado", text: "Agora você pode entrar." },
        changed: Notice {
            title: "Seu endereço está confirmado",
            text: "Ele agora é o endereço de e-mail da sua conta.",
        },
        changes_later: Notice {
            title: "Seu endereço está confirmado",
            text: "Ele substituirá o endereço atual em 24 horas. Até lá, a alteração pode ser cancelada.",
        },
        was_reset: Notice {
            title: "Sua senha foi alterada",
            text: "Você foi desconectado de todos os dispositivos. Entre com a nova senha.",
        },
        kept: Notice {
            title: "Seu endereço foi mantido",
            text: "A alteração foi cancelada. Se você não a pediu, altere a senha agora.",
        },
        off: Notice {
            title: "E-mail indisponível", text: "Este serviço não envia e-mails. Peça ajuda ao operador."
        },
    },
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
        too_many: "Muitas tentativas",
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
            text: "Você não tem permissão para fazer isso. Volte ao aplicativo de onde você veio.",
        },
        unanswerable: Notice {
            title: "Não é possível responder a esta solicitação",
            text: "O aplicativo enviou uma solicitação que este serviço não pode responder. Volte ao aplicativo e comece de \
                   novo.",
        },
    },
    account: Account {
        title: "Sua conta",
        profile: "Perfil",
        email: "Endereço de e-mail",
        not_verified: "não confirmado",
        not_given: "não informado",
        change: "Alterar",
        changed_on: Around::new("Alterada em {}"),
        save: "Salvar",
        cancel: "Cancelar",
        change_name: "Alterar o nome",
        change_password: "Alterar a senha",
        change_password_lead: "Você será desconectado de todos os outros navegadores e aplicativos.",
        current_password: "Sua senha atual",
        new_password: "Nova senha",
        wrong_password: "Esta não é sua senha atual. Tente novamente.",
        devices: "Onde você está conectado",
        this_browser: "este navegador",
        unknown_device: "Dispositivo desconhecido",
        last_used: Around::new("Último uso em {}"),
        apps_there: "Aplicativos:",
        sign_out_everywhere: "Sair de todos os dispositivos",
        sign_out_everywhere_hint: "Isso encerra todas as sessões, também neste navegador.",
        apps: "Aplicativos com acesso",
        no_apps: "Nenhum aplicativo tem acesso à sua conta.",
        since: Around::new("Desde {}"),
        remove_access: "Remover acesso",
        data: "Seus dados",
        export_hint: "Tudo o que é guardado sobre você, em um arquivo.",
        export: "Baixar",
        delete: "Excluir a conta",
        delete_lead: "Esta ação não pode ser desfeita:",
        delete_consequences: [
            "Seu perfil e sua senha são excluídos.",
            "Você é desconectado de todos os navegadores e aplicativos.",
            "Os aplicativos perdem o acesso à sua conta.",
            "Seu nome de usuário fica livre, e outra pessoa pode usá-lo.",
        ],
        delete_button: "Excluir conta",
        deleted: "Sua conta foi excluída",
        deleted_lead: "Você pode fechar esta página. Os aplicativos que você usou ainda podem guardar dados próprios sobre você.",
        date,
    },
};

fn throttled(minutes: u64) -> String {
    match minutes {
        1 => "Muitas tentativas. Tente novamente em um minuto.".to_owned(),
        _ => format!("Muitas tentativas. Tente novamente em {minutes} minutos."),
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
