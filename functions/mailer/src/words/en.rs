//! English.

use super::{Sentences, Words};

pub(super) static WORDS: Words = Words {
    code_hint: "Enter this code on the page where you started. It works for 10 minutes, and only there.",
    link_hint: "If the button does not work, copy this address into your browser:",
    automatic: "This message was sent automatically by {service}. Please do not reply.",
    confirm: "Confirm this address",
    sign_in: "Sign in",
    new_password: "Set a new password",
    account: "Open your account",
    cancel: "Cancel the change",
    keep_account: "Keep your account",
    verify_address: Sentences {
        subject: "Confirm your e-mail address",
        lead: "Somebody created an account at {service} with this address. Confirm that it is yours.",
        ignore: "If this was not you, ignore this message. The account is deleted automatically after 24 hours.",
    },
    account_exists: Sentences {
        subject: "You already have an account",
        lead: "Somebody entered this address at {service}, for a new account or as the new address of one, but it belongs to your account already. Sign in, or set a new password if you forgot yours.",
        ignore: "If this was not you, ignore this message. Nothing has changed.",
    },
    reset_password: Sentences {
        subject: "Set a new password",
        lead: "A new password was requested for your account at {service}.",
        ignore: "If this was not you, ignore this message. Your password stays as it is.",
    },
    password_changed: Sentences {
        subject: "Your password was changed",
        lead: "The password of your account at {service} was changed, and other devices were signed out.",
        ignore: "If this was not you, set a new password at once.",
    },
    prove_address: Sentences {
        subject: "Confirm your new e-mail address",
        lead: "Somebody wants to use this address for an account at {service}. Confirm that it is yours.",
        ignore: "If this was not you, ignore this message. Nothing will change.",
    },
    address_changing: Sentences {
        subject: "Your e-mail address is about to change",
        lead: "The e-mail address of your account at {service} will change to {detail}.",
        ignore: "If this was not you, cancel the change now and set a new password.",
    },
    address_changed: Sentences {
        subject: "Your e-mail address was changed",
        lead: "The e-mail address of your account at {service} was changed to {detail}. This address no longer belongs to it.",
        ignore: "If you did not ask for this, contact the operator of the service.",
    },
    account_deleted: Sentences {
        subject: "Your account was deleted",
        lead: "Your account at {service} and everything kept about you were deleted.",
        ignore: "If this was not you, contact the operator of the service.",
    },
    account_leaving: Sentences {
        subject: "Your account will be deleted",
        lead: "Your account at {service} will be deleted on {detail}, and you were signed out everywhere. Until then, you can sign in to keep it.",
        ignore: "If this was not you, sign in and keep the account, then set a new password at once.",
    },
    account_kept: Sentences {
        subject: "Your account stays",
        lead: "Your account at {service} will not be deleted. Somebody signed in with its password and kept it.",
        ignore: "If this was not you, set a new password at once.",
    },
    factor_added: Sentences {
        subject: "Two-step sign-in is on",
        lead: "An authenticator app was added to your account at {service}. Signing in now needs a code from it as well.",
        ignore: "If this was not you, open your account, remove the app and set a new password.",
    },
    factor_removed: Sentences {
        subject: "Two-step sign-in is off",
        lead: "The authenticator app was removed from your account at {service}. The password alone is now enough to sign in.",
        ignore: "If this was not you, set a new password at once and set up the app again.",
    },
    factor_leaving: Sentences {
        subject: "Two-step sign-in will be turned off",
        lead: "The authenticator app of your account at {service} will be removed on {detail}. To keep it, sign in with a code from it before then.",
        ignore: "If this was not you, sign in with the app now, which keeps it, and set a new password.",
    },
    codes_replaced: Sentences {
        subject: "Your recovery codes were replaced",
        lead: "Your account at {service} has new recovery codes. The old ones no longer work.",
        ignore: "If this was not you, create new codes in your account and set a new password.",
    },
};
