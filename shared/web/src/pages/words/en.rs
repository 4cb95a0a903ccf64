//! English.

use super::{Account, Around, Date, Notice, Notices, Permissions, Problems, Words};

pub(super) static WORDS: Words = Words {
    mistake: "Error: ",
    username: "Username",
    password: "Password",
    show: "Show",
    hide: "Hide",
    show_password: "Show password",
    hide_password: "Hide password",
    caps_lock: "Caps Lock is on.",
    policy_of: Around::new("Privacy policy of {}"),
    terms_of: Around::new("Terms of service of {}"),
    back_to: Around::new("Back to {}"),

    sign_in: "Sign in",
    to_continue: Around::new("to continue to {}"),
    new_here: "New here?",
    sign_up_instead: "Create an account",
    wrong_credentials: "This username and password do not match. Try again.",
    no_address: "Use a username, not an e-mail address.",
    throttled,

    sign_up: "Create your account",
    sign_up_button: "Create account",
    have_account: "Already have an account?",
    name: "Your name",
    optional: "optional",
    username_hint: "3 to 64 characters, without spaces and @.",
    password_hint: Around::new(
        "At least {} characters. Several unrelated words are easy to remember and hard to guess.",
    ),
    check_fields: "Check the highlighted fields.",
    problems: Problems {
        username_missing: "Choose a username.",
        username_characters: "Use letters, digits and simple punctuation, without spaces and @.",
        username_short: "Use at least 3 characters.",
        username_long: "Use at most 64 characters.",
        username_taken: "This username is taken. Choose another one.",
        password_missing: "Choose a password.",
        password_short: Around::new("Use at least {} characters."),
        password_long: "This password is too long.",
        password_common: "This password is too common. Use several words that do not belong together.",
        password_breached: "This password appeared in a data breach. Choose another one.",
        password_context: "Do not use your username or the name of this service in your password.",
        name_characters: "Remove line breaks and invisible characters.",
        name_short: "Use at least one visible character, or leave the name empty.",
        name_long: "Use at most 128 characters.",
        unusable: "This value cannot be used.",
    },

    wants_access: Around::new("{} wants to access your account"),
    signed_in_as: "Signed in as",
    not_you: "Not you?",
    will_be_able: "This app will be able to",
    verified: Around::new("You will return to {}."),
    unverified: "This app is not verified.",
    unverified_why: Around::new(
        "Anyone could have registered it under this name. Continue only if you started in this app and know {}, where you \
         will go next.",
    ),
    allow: "Allow",
    deny: "Deny",
    permissions: Permissions {
        account: "see and change your account: profile, password and sessions",
        email: "see your e-mail address",
        profile: "see your name and username",
        openid: "recognize you when you come back",
        offline_access: "keep this access while you are not using the app",
    },

    choose: "Choose an account",
    continue_as: Around::new("Continue as {}"),
    another_account: "Use another account",

    sign_out: "Sign out?",
    sign_out_lead: "Apps will ask you to sign in again when they need to know who you are.",
    sign_out_button: "Sign out",
    stay: "Stay signed in",
    signed_out: "You are signed out",
    signed_out_lead: "On a shared computer, close the browser too.",

    one_moment: "One moment",
    returning: Around::new("You are returning to {}."),
    go_on: "Continue",

    home: "People sign in to their apps here. Open the app that you want to use: it brings you back when you need to sign in.",
    issuer: "Issuer",
    for_developers: "For developers",
    reference: "Reference:",
    notices: Notices {
        expired: Notice {
            title: "This page has expired",
            text: "Go back to the app and start again. If this keeps happening, allow cookies for this site.",
        },
        declined: Notice {
            title: "Request declined",
            text: "You or a rule of this service declined the request. Nothing was shared.",
        },
        not_found: Notice {
            title: "Page not found",
            text: "There is no page at this address. Go back to the app that you came from.",
        },
        closed: Notice { title: "No new accounts", text: "It is not possible to create accounts here at the moment." },
        too_many: "Too many attempts",
        unavailable: Notice {
            title: "Temporarily unavailable",
            text: "This is not your fault. Wait a moment and load this page again.",
        },
        broken: Notice {
            title: "Something went wrong",
            text: "This is not your fault. The problem has been recorded. Please try again.",
        },
        forbidden: Notice { title: "Not allowed", text: "You may not do this. Go back to the app that you came from." },
        unanswerable: Notice {
            title: "This request cannot be answered",
            text: "The app sent a request that this service cannot answer. Go back to the app and start again.",
        },
    },
    account: Account {
        title: "Your account",
        profile: "Profile",
        email: "E-mail address",
        not_verified: "not verified",
        not_given: "not given",
        change: "Change",
        changed_on: Around::new("Changed on {}"),
        save: "Save",
        cancel: "Cancel",
        change_name: "Change your name",
        change_password: "Change your password",
        change_password_lead: "All other browsers and apps are signed out.",
        current_password: "Your current password",
        new_password: "New password",
        wrong_password: "This is not your current password. Try again.",
        devices: "Where you are signed in",
        this_browser: "this browser",
        unknown_device: "Unknown device",
        last_used: Around::new("Last used on {}"),
        apps_there: "Apps:",
        sign_out_everywhere: "Sign out everywhere",
        sign_out_everywhere_hint: "This ends every session, in this browser too.",
        apps: "Apps with access",
        no_apps: "No app has access to your account.",
        since: Around::new("Since {}"),
        remove_access: "Remove access",
        data: "Your data",
        export_hint: "Everything that is kept about you, as a file.",
        export: "Download",
        delete: "Delete your account",
        delete_lead: "This cannot be undone:",
        delete_consequences: [
            "Your profile and your password are deleted.",
            "You are signed out in all browsers and apps.",
            "Apps lose their access to your account.",
            "Your username is free, and somebody else can take it.",
        ],
        delete_button: "Delete account",
        deleted: "Your account is deleted",
        deleted_lead: "You can close this page. Apps that you used may still keep data of their own about you.",
        date,
    },
};

fn throttled(minutes: u64) -> String {
    match minutes {
        1 => "Too many attempts. Try again in a minute.".to_owned(),
        _ => format!("Too many attempts. Try again in {minutes} minutes."),
    }
}

fn date(date: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    format!("{} {} {}", date.day, date.month_in(&MONTHS), date.year)
}
