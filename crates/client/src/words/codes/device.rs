use crate::words::Family;

pub(super) const DEVICE: Family = family! {
    "device" "signing in on another device"

    "device.not_offered" You No
        "The provider offers no sign-in on another device."
        "Sign in with the browser on this computer.";
    "device.refused" Provider Sometimes
        "The provider gave no code to sign in with."
        "Allow this application the device code grant at the provider.";
    "device.bad_answer" Provider No
        "The provider's answer with the code lacks what it needs, and nothing of it is used."
        "Report it to whoever runs the provider.";
    "device.bad_uri" Provider No
        "The page that the provider wants opened is not a safe web address."
        "Report it to whoever runs the provider.";
    "device.access_denied" You No
        "You, or your administrator, declined on the other device."
        "Sign in again and allow it, or ask your administrator.";
    "device.expired" You Yes
        "Nobody finished the sign-in on the other device while its code was good."
        "Start again for a new code.";
    "device.timeout" You Yes
        "Nobody signed in on another device in time."
        "Start again for a new code.";
};

pub(super) const PAR: Family = family! {
    "par" "handing the request to the provider before the browser opens"

    "par.needed" You No
        "The provider takes pushed requests only, and the profile forbids them."
        "Leave `push` at `auto`.";
    "par.not_offered" You No
        "The profile wants the request pushed, and the provider does not offer that."
        "Leave `push` at `auto`.";
    "par.failed" You Sometimes
        "The provider did not take the request, so no browser was opened."
        "Check client id, redirect address and parameters against the provider's settings.";
};

pub(super) const REGISTRATION: Family = family! {
    "registration" "registering this application by itself"

    "registration.not_offered" You No
        "The provider does not let applications register themselves."
        "Register a native application in the provider's console, and give its client id.";
    "registration.refused" You Sometimes
        "The provider did not register this application."
        "Register a native application in the provider's console, and give its client id.";
    "registration.bad_answer" Provider No
        "The provider's answer to the registration cannot be used."
        "Register a native application in the provider's console, and give its client id.";
    "registration.not_as_asked" Provider No
        "The provider registered something else than was asked for."
        "Register a native application in the provider's console, and give its client id.";
    "registration.not_forgotten" Provider Sometimes
        "The provider did not forget the application."
        "Remove it in the provider's console.";
    "registration.unknown" You No
        "No application was registered for the profile, or the provider gave no way to take that back."
        "Remove it in the provider's console.";
    "registration.exists" You No
        "The application is registered for the profile already."
        "Remove the profile with `--unregister` first, or use another name.";
    "registration.has_credentials" You No
        "The profile has a client secret or private key from elsewhere, which would be lost."
        "Use another name, or remove the profile first.";
    "registration.no_person" You No
        "An application that asks for itself does not register itself."
        "Register it in the provider's console.";
};
