//! Portuguese, as in Brazil.

use super::{Sentences, Words};

pub(super) static WORDS: Words = Words {
    code_hint: "Digite este código na página em que você começou. Ele vale por 10 minutos e somente lá.",
    link_hint: "Se o botão não funcionar, copie este endereço para o seu navegador:",
    automatic: "Esta mensagem foi enviada automaticamente por {service}. Por favor, não responda.",
    confirm: "Confirmar este endereço",
    sign_in: "Entrar",
    new_password: "Definir uma nova senha",
    account: "Abrir sua conta",
    cancel: "Cancelar a alteração",
    keep_account: "Manter a conta",
    verify_address: Sentences {
        subject: "Confirme seu endereço de e-mail",
        lead: "Alguém criou uma conta em {service} com este endereço. Confirme que ele é seu.",
        ignore: "Se não foi você, ignore esta mensagem. A conta será excluída automaticamente após 24 horas.",
    },
    account_exists: Sentences {
        subject: "Você já tem uma conta",
        lead: "Alguém informou este endereço em {service}, para criar uma conta ou para mudar o endereço de uma, mas ele já pertence à sua conta. Entre, ou defina uma nova senha se esqueceu a sua.",
        ignore: "Se não foi você, ignore esta mensagem. Nada mudou.",
    },
    reset_password: Sentences {
        subject: "Defina uma nova senha",
        lead: "Uma nova senha foi solicitada para sua conta em {service}.",
        ignore: "Se não foi você, ignore esta mensagem. Sua senha continua a mesma.",
    },
    password_changed: Sentences {
        subject: "Sua senha foi alterada",
        lead: "A senha da sua conta em {service} foi alterada, e os outros dispositivos foram desconectados.",
        ignore: "Se não foi você, defina imediatamente uma nova senha.",
    },
    prove_address: Sentences {
        subject: "Confirme seu novo endereço de e-mail",
        lead: "Alguém quer usar este endereço para uma conta em {service}. Confirme que ele é seu.",
        ignore: "Se não foi você, ignore esta mensagem. Nada vai mudar.",
    },
    address_changing: Sentences {
        subject: "Seu endereço de e-mail vai mudar",
        lead: "O endereço de e-mail da sua conta em {service} mudará para {detail}.",
        ignore: "Se não foi você, cancele a alteração agora e defina uma nova senha.",
    },
    address_changed: Sentences {
        subject: "Seu endereço de e-mail foi alterado",
        lead: "O endereço de e-mail da sua conta em {service} foi alterado para {detail}. Este endereço não pertence mais a ela.",
        ignore: "Se você não pediu isso, entre em contato com o operador do serviço.",
    },
    account_deleted: Sentences {
        subject: "Sua conta foi excluída",
        lead: "Sua conta em {service} e tudo o que era guardado sobre você foram excluídos.",
        ignore: "Se não foi você, entre em contato com o operador do serviço.",
    },
    account_leaving: Sentences {
        subject: "Sua conta será excluída",
        lead: "Sua conta em {service} será excluída em {detail}. Você foi desconectado de todos os dispositivos. Até lá, você pode entrar para mantê-la.",
        ignore: "Se não foi você, entre, mantenha a conta e defina imediatamente uma nova senha.",
    },
    account_kept: Sentences {
        subject: "Sua conta foi mantida",
        lead: "Sua conta em {service} não será excluída. Alguém entrou com a senha e manteve a conta.",
        ignore: "Se não foi você, defina imediatamente uma nova senha.",
    },
    factor_added: Sentences {
        subject: "A verificação em duas etapas está ativada",
        lead: "Um aplicativo autenticador foi adicionado à sua conta em {service}. Agora, para entrar, também é preciso um código do aplicativo.",
        ignore: "Se não foi você, abra sua conta, remova o aplicativo e defina uma nova senha.",
    },
    factor_removed: Sentences {
        subject: "A verificação em duas etapas está desativada",
        lead: "O aplicativo autenticador foi removido da sua conta em {service}. Agora a senha basta para entrar.",
        ignore: "Se não foi você, defina imediatamente uma nova senha e configure o aplicativo de novo.",
    },
    factor_leaving: Sentences {
        subject: "A verificação em duas etapas será desativada",
        lead: "O aplicativo autenticador da sua conta em {service} será removido em {detail}. Para mantê-lo, entre antes com um código do aplicativo.",
        ignore: "Se não foi você, entre agora com o aplicativo, o que o mantém, e defina uma nova senha.",
    },
    codes_replaced: Sentences {
        subject: "Seus códigos de recuperação foram substituídos",
        lead: "Sua conta em {service} tem novos códigos de recuperação. Os anteriores não funcionam mais.",
        ignore: "Se não foi você, crie novos códigos na sua conta e defina uma nova senha.",
    },
};
