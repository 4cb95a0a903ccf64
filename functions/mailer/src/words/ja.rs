//! Japanese.

use super::{Sentences, Words};

pub(super) static WORDS: Words = Words {
    code_hint: "手続きを始めたページでこのコードを入力してください。有効期間は 10 分で、そのページでのみ使えます。",
    link_hint: "ボタンが使えない場合は、このアドレスをブラウザーに貼り付けてください:",
    automatic: "このメッセージは {service} から自動送信されています。このメールには返信しないでください。",
    confirm: "このアドレスを確認する",
    sign_in: "ログイン",
    new_password: "新しいパスワードを設定する",
    account: "アカウントを開く",
    cancel: "変更を取り消す",
    keep_account: "アカウントを残す",
    verify_address: Sentences {
        subject: "メールアドレスを確認してください",
        lead: "このアドレスで {service} のアカウントが作成されました。ご本人のアドレスであることを確認してください。",
        ignore: "心当たりがない場合は、このメッセージを無視してください。アカウントは24 時間後に自動的に削除されます。",
    },
    account_exists: Sentences {
        subject: "すでにアカウントをお持ちです",
        lead: "このアドレスが {service} で、新しいアカウントの作成またはアドレスの変更のために入力されましたが、すでにお客様のアカウントで使われています。ログインするか、パスワードを忘れた場合は新しいパスワードを設定してください。",
        ignore: "心当たりがない場合は、このメッセージを無視してください。何も変更されていません。",
    },
    reset_password: Sentences {
        subject: "新しいパスワードを設定してください",
        lead: "{service} のアカウントについて、パスワードの再設定のリクエストがありました。",
        ignore: "心当たりがない場合は、このメッセージを無視してください。パスワードは変わりません。",
    },
    password_changed: Sentences {
        subject: "パスワードが変更されました",
        lead: "{service} のアカウントのパスワードが変更され、ほかの端末からはログアウトしました。",
        ignore: "心当たりがない場合は、すぐに新しいパスワードを設定してください。",
    },
    prove_address: Sentences {
        subject: "新しいメールアドレスを確認してください",
        lead: "このアドレスを {service} のアカウントに使おうとしている人がいます。ご本人のアドレスであることを確認してください。",
        ignore: "心当たりがない場合は、このメッセージを無視してください。何も変更されません。",
    },
    address_changing: Sentences {
        subject: "メールアドレスが変更されます",
        lead: "{service} のアカウントのメールアドレスは {detail} に変更されます。",
        ignore: "心当たりがない場合は、今すぐ変更を取り消し、新しいパスワードを設定してください。",
    },
    address_changed: Sentences {
        subject: "メールアドレスが変更されました",
        lead: "{service} の運営者が、お客様のアカウントのメールアドレスを {detail} に変更しました。このアドレスはアカウントで使われなくなりました。",
        ignore: "変更を依頼した覚えがない場合は、サービスの運営者にお問い合わせください。",
    },
    account_deleted: Sentences {
        subject: "アカウントが削除されました",
        lead: "{service} のアカウントと、保存されていたすべての情報が削除されました。",
        ignore: "心当たりがない場合は、サービスの運営者に連絡してください。",
    },
    account_leaving: Sentences {
        subject: "アカウントは削除されます",
        lead: "{service} のアカウントは {detail} に削除されます。すべての端末からログアウトしました。削除までにログインすれば、アカウントを残せます。",
        ignore: "心当たりがない場合は、ログインしてアカウントを残し、すぐに新しいパスワードを設定してください。",
    },
    account_kept: Sentences {
        subject: "アカウントは残ります",
        lead: "{service} のアカウントは削除されません。パスワードでログインした人がアカウントを残しました。",
        ignore: "心当たりがない場合は、すぐに新しいパスワードを設定してください。",
    },
};
