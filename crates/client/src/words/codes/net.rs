use crate::words::Family;

pub(super) const NET: Family = family! {
    "net" "the way to the provider: name, connection, proxy, certificate, no answer"

    "net.insecure_url" You No
        "The address is without TLS and not on this computer."
        "Use an address that begins with https.";
    "net.dns" You Yes
        "The name of the computer at the other end is not known."
        "Check the address and your connection.";
    "net.connect" You Yes
        "Nobody answers at that host and port."
        "Check the address and your connection, then try again.";
    "net.proxy" Computer Yes
        "The proxy cannot be reached, or does not let the request through."
        "Check the proxy in the environment or in the system's settings.";
    "net.proxy_auth" Computer No
        "The proxy wants a user name and a password."
        "Put them into the proxy's address, or use a proxy of your own in between.";
    "net.tls_untrusted" Computer No
        "Nobody here vouches for the certificate of the other side."
        "Behind a company's proxy name its certificate in `DOORKEY_CA_FILE`; otherwise do not go on.";
    "net.tls_expired" Provider No
        "The certificate's time is over, or this computer's clock is wrong."
        "Check the clock; if it is right, the provider must renew its certificate.";
    "net.tls_not_yet_valid" Provider No
        "The certificate's time has not come, or this computer's clock is wrong."
        "Check the clock; if it is right, the provider must mend its certificate.";
    "net.tls_name" You No
        "The certificate is another host's."
        "Check the address for a typing error; if there is none, the provider must mend its certificate.";
    "net.tls_too_old" Provider No
        "The other side has nothing newer than TLS 1.1."
        "Ask for TLS 1.2 or newer.";
    "net.no_tls" You No
        "What answers there does not speak TLS at all."
        "Check the port.";
    "net.tls_failed" Provider No
        "The other side refused the secure connection, or broke it."
        "Check host and port; if they are right, ask whoever runs the provider.";
    "net.timeout" Nobody Yes
        "The whole answer was not there in time."
        "Check your connection and try again.";
    "net.no_answer" Nobody Yes
        "The connection broke, or what came is no HTTP."
        "Check your connection and try again.";
    "net.too_large" Provider No
        "The answer is much larger than such answers are, and was not read to its end."
        "Check that the address is the provider's own.";
    "net.unexpected_redirect" Provider No
        "An endpoint redirects elsewhere; secrets are not sent on."
        "Report it to whoever runs the provider.";
    "net.revocation_later" Nobody Yes
        "The provider could not be told of the sign-out now; you are signed out on this computer."
        "It is tried again by itself.";
};
