package app;

import java.util.Objects;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;

@Configuration
class Api {
    @Bean
    @Order(1)
    SecurityFilterChain notes(HttpSecurity http) throws Exception {
        return http
            .securityMatcher("/notes/**")
            .authorizeHttpRequests(requests -> requests.anyRequest().hasAuthority("SCOPE_notes:read"))
            .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
            .build();
    }

    // Spring refuses `typ: at+jwt` unless configured to expect it. Its validator wants a word about client_id, too.
    @Bean
    JwtDecoder accessTokens(@Value("${ISSUER}") String issuer, @Value("${AUDIENCE}") String audience) {
        var anyClient = new JwtClaimValidator<String>("client_id", Objects::nonNull);
        var decoder = NimbusJwtDecoder.withIssuerLocation(issuer).validateType(false).build();
        decoder.setJwtValidator(JwtValidators.createAtJwtValidator().issuer(issuer)
            .audience(audience).validators(checks -> checks.put("client_id", anyClient)).build());
        return decoder;
    }
}
