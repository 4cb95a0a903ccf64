//! Every message in every language, in both forms.

use oauth::Config;

use super::*;

const LINK: &str = "https://id.example/v?token=abc&x=1";

fn look(name: &str) -> Look {
    let pairs = [("SERVICE_NAME", name), ("ACCENT_COLOR", "#0a6350"), ("LOGO", "https://id.example/logo.png")];
    Look::read(&Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))).unwrap()
}

fn messages() -> Vec<Message> {
    let (code, link) = ("ABCD-1234".to_owned(), LINK.to_owned());
    let at = Time::from_seconds(1_800_000_000);
    vec![
        Message::VerifyAddress { code: code.clone(), link: link.clone() },
        Message::AccountExists { sign_in: link.clone(), reset: "https://id.example/reset".to_owned() },
        Message::ResetPassword { code: code.clone(), link: link.clone() },
        Message::PasswordChanged { account: link.clone() },
        Message::ProveAddress { code, link: link.clone() },
        Message::AddressChanging {
            new_address_masked: "b…@example.com".to_owned(),
            effective_at: at,
            cancel: link.clone(),
        },
        Message::AddressChanged { new_address_masked: "c…@example.com".to_owned(), account: link.clone() },
        Message::AccountDeleted {},
        Message::AccountLeaving { effective_at: at, account: link.clone(), reset: "https://id.example/r".to_owned() },
        Message::AccountKept { account: link.clone() },
        Message::FactorAdded { account: link.clone() },
        Message::FactorRemoved { account: link.clone() },
        Message::FactorLeaving { effective_at: at, keep: link.clone() },
        Message::RecoveryCodesReplaced { account: link },
    ]
}

fn written(look: &Look, language: Language, message: Message) -> Content {
    content(look, &Mail { to: "a@example.com".to_owned(), language, message }).unwrap()
}

#[test]
fn every_message_says_the_same_as_text_and_as_html_in_every_language() {
    let look = look("Acme & Sons");
    for language in Language::ALL {
        for message in messages() {
            let expected = serde_json::to_value(&message).unwrap();
            let Content { subject, text, html } = written(&look, language, message);
            assert!(!subject.is_empty() && !subject.contains(['\n', '{']), "{language:?} {subject}");
            assert!(!text.contains(['{', '}']) && !text.contains("\n\n\n"), "{language:?} {text}");
            assert!(html.contains(&format!("lang=\"{}\" dir=\"{}\"", language.tag(), language.direction())));
            assert!(text.contains("Acme & Sons") && html.contains("Acme &#38; Sons"), "{html}");
            for member in ["code", "link", "sign_in", "reset", "account", "cancel", "new_address_masked"] {
                let Some(value) = expected[member].as_str() else { continue };
                assert!(text.contains(value), "{language:?} {text}");
                assert!(html.contains(&value.replace('&', "&#38;")), "{language:?} {html}");
            }
            let instant = expected["effective_at"].is_u64();
            assert_eq!(text.contains("2027-01-15 08:00 UTC"), instant, "{language:?} {text}");
            assert_eq!(
                text.contains(" UTC\u{2069}") || text.contains(" UTC)\u{2069}"),
                instant && language == Language::Arabic
            );
        }
    }
}

#[test]
fn the_name_of_the_service_is_text_and_nothing_but_the_logo_is_loaded() {
    let html = written(&look("<script>alert(1)</script>"), Language::English, messages().remove(0)).html;
    assert!(!html.contains("<script") && html.contains("&#60;script&#62;"), "{html}");
    assert_eq!(html.matches("src=").count(), 1);
    assert!(html.contains("src=\"https://id.example/logo.png\"") && !html.contains("url("));
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("name=\"color-scheme\""));
}
