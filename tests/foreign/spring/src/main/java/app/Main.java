package app;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the tests look at: who is signed in, with which access token, and whom the API sees. */
@SpringBootApplication
@RestController
public class Main {
    public static void main(String[] arguments) {
        SpringApplication.run(Main.class, arguments);
    }

    @GetMapping("/")
    Map<String, String> home(@AuthenticationPrincipal OidcUser user,
            @RegisteredOAuth2AuthorizedClient("gatewright") OAuth2AuthorizedClient client, CsrfToken csrf) {
        return Map.of("sub", user.getSubject(), "name", user.getFullName(),
            "token", client.getAccessToken().getTokenValue(), "csrf", csrf.getToken());
    }

    @GetMapping("/notes")
    Map<String, String> notes(@AuthenticationPrincipal Jwt token) {
        return Map.of("sub", token.getSubject());
    }
}
