//! Templates that are right, and every kind of template that is refused.

use std::path::Path;

use super::*;

const REAL: &str = include_str!("../../../template.yaml");

fn parsed(text: &str, parameters: &[(&str, &str)], deployment: &Deployment) -> Result<Template, String> {
    let parameters: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    resolve(text, Path::new("."), &parameters, deployment, None).map_err(|problem| problem.to_string())
}

pub(super) fn local(text: &str, parameters: &[(&str, &str)]) -> Result<Template, String> {
    parsed(text, parameters, &Deployment::local("http://127.0.0.1:3000"))
}

/// A template whose only function has these variables, and what they resolve to.
fn variables(head: &str, variables: &str) -> Result<BTreeMap<String, String>, String> {
    let text = format!("{head}\n{}", function("F", variables));
    local(&text, &[]).map(|template| template.functions["F"].variables.clone())
}

pub(super) fn function(id: &str, variables: &str) -> String {
    format!(
        "Resources:\n  {id}:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f\n      \
         Runtime: provided.al2023\n      Handler: bootstrap\n      Environment: {{Variables: {{{variables}}}}}\n"
    )
}

pub(super) fn refusal(text: &str) -> String {
    local(text, &[]).expect_err("the template must be refused")
}

#[test]
fn the_real_template_resolves_without_a_cycle() {
    let template = local(REAL, &[]).expect("template.yaml is well-formed");
    assert!(template.functions.len() >= 5);
    assert!(
        template
            .api
            .as_ref()
            .expect("an API")
            .routes
            .iter()
            .any(|route| route.key == "ANY /protected" && route.authorizer.is_some())
    );
    assert_eq!(template.tables[0].name, "local-Table");
}

#[test]
fn the_default_issuer_is_the_deployed_apis_own_url() {
    let template = parsed(REAL, &[], &Deployment::cloud("eu-central-1")).expect("template.yaml is well-formed");
    let url = "https://api.execute-api.eu-central-1.amazonaws.com";
    assert_eq!(template.outputs["Url"], url);
    assert_eq!(template.outputs["Issuer"], url);
    assert!(template.functions.values().all(|function| function.variables["ISSUER"] == url));
}

#[test]
fn the_default_issuer_is_the_gateways_address_on_this_machine() {
    let template = local(REAL, &[]).expect("template.yaml is well-formed");
    assert!(template.functions.values().all(|function| function.variables["ISSUER"] == "http://127.0.0.1:3000"));
}

#[test]
fn an_issuer_that_is_given_wins() {
    let template = local(REAL, &[("Issuer", "https://id.example.com")]).expect("the issuer is allowed");
    assert!(template.functions.values().all(|function| function.variables["ISSUER"] == "https://id.example.com"));
}

#[test]
fn the_default_issuer_follows_the_domain() {
    let certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/1";
    let domain = [("DomainName", "id.example.com"), ("CertificateArn", certificate)];
    for (more, issuer) in
        [(None, "https://id.example.com"), (Some(("Issuer", "https://other.example")), "https://other.example")]
    {
        let parameters: Vec<_> = domain.into_iter().chain(more).collect();
        let template =
            parsed(REAL, &parameters, &Deployment::cloud("eu-central-1")).expect("the parameters are allowed");
        assert!(template.functions.values().all(|function| function.variables["ISSUER"] == issuer));
        assert_eq!(template.functions["AuthorizerFunction"].variables["AUDIENCE"], issuer);
        assert_eq!(
            (template.outputs["Issuer"].as_str(), template.outputs["Url"].as_str()),
            (issuer, "https://id.example.com")
        );
    }
    assert_eq!(
        local(REAL, &domain[..1]).expect_err("refused"),
        "Rules.DomainsNeedCertificates: DomainName needs CertificateArn"
    );
}

#[test]
fn parameters_are_checked_and_the_message_names_what_is_allowed() {
    for (name, value, allowed) in [
        ("Issuer", "https://id.example.com/path", "an https origin in lower case without a path"),
        ("Issuer", "http://id.example.com", "an https origin in lower case without a path"),
        ("SigningAlgorithm", "none", "RS256, ES256, EdDSA"),
        ("AccessTokenSeconds", "0", "from 1 to 3600"),
        ("AccessTokenSeconds", "3601", "from 1 to 3600"),
        ("AccessTokenSeconds", "ten", "not a number"),
        ("MinPasswordLength", "7", "from 8 to 64"),
        ("Nonsense", "1", "there is no parameter Nonsense"),
        ("DomainName", "https://id.example.com", "a host name"),
        ("CertificateArn", "certificate", "the ARN of a certificate"),
        ("AlarmTopic", "ops@example.com", "the ARN of a topic"),
        ("LogRetentionDays", "31", "1, 3, 5, 7"),
        ("HashingConcurrency", "-1", "from 0 to 300"),
    ] {
        let refused = local(REAL, &[(name, value)]).expect_err("the value is not allowed");
        assert!(refused.contains(name) && refused.contains(allowed), "{refused}");
    }
}

#[test]
fn a_parameter_without_a_default_must_be_given() {
    let text = format!("Parameters: {{P: {{Type: String, MinLength: 2}}}}\n{}", function("F", "A: !Ref P"));
    assert!(refusal(&text).contains("parameter P"));
    assert!(local(&text, &[("P", "x")]).is_err_and(|refused| refused.contains("of at least 2")));
    let template = local(&text, &[("P", "first"), ("P", "last")]).expect("the value is allowed");
    assert_eq!(template.functions["F"].variables["A"], "last");
}

#[test]
fn intrinsics_resolve_in_both_spellings() {
    let head = "Parameters: {P: {Type: Number, Default: 7}, L: {Type: CommaDelimitedList, Default: 'a, b'}}\n\
                Conditions: {Yes: !Equals [!Ref P, 7], No: !Not [{Condition: Yes}], Both: !And [!Condition Yes, \
                !Or [!Condition No, {'Fn::Equals': [x, x]}]]}";
    let resolved = variables(
        head,
        "A: !Ref P, B: {Ref: P}, C: !Sub 'p=${P} ${!P} ${AWS::Region} ${X}', D: {'Fn::Join': ['-', !Ref L]}, \
         E: !Select [1, !Split ['/', 'x/y']], F: !If [Both, yes, no], G: {'Fn::If': [No, 1, !Ref AWS::NoValue]}, \
         H: !Sub ['${v}!', {v: !Ref P}], I: !If [Yes, true, false]",
    );
    let wrong = resolved.expect_err("X is not known");
    assert!(wrong.contains("${X}") && wrong.contains("Resources.F.Properties.Environment.Variables.C"), "{wrong}");
    let resolved = variables(
        head,
        "A: !Ref P, B: {Ref: P}, C: !Sub 'p=${P} ${!P} ${AWS::Region}', D: {'Fn::Join': ['-', !Ref L]}, \
         E: !Select [1, !Split ['/', 'x/y']], F: !If [Both, yes, no], G: {'Fn::If': [No, 1, !Ref AWS::NoValue]}, \
         H: !Sub ['${v}!', {v: !Ref P}], I: !If [Yes, true, false]",
    )
    .expect("well-formed");
    let found: Vec<&str> = resolved.values().map(String::as_str).collect();
    assert_eq!(found, ["7", "7", "p=7 ${P} us-east-1", "a-b", "y", "yes", "7!", "true"]);
    assert!(!resolved.contains_key("G"), "AWS::NoValue removes what it stands for");
}

#[test]
fn what_is_not_known_is_an_error_that_names_it_and_its_place() {
    let queue = "Resources:\n  Q: {Type: AWS::S3::Bucket}\n";
    for (text, named) in [
        (queue.to_owned(), vec!["Resources.Q", "AWS::S3::Bucket"]),
        (function("F", "A: !ImportValue x"), vec!["Variables.A.!ImportValue"]),
        (function("F", "A: {'Fn::FindInMap': [a, b, c]}"), vec!["Variables.A.!FindInMap"]),
        (function("F", "A: !Ref Nobody"), vec!["Nobody"]),
        (function("F", "A: !GetAtt F.Colour"), vec!["Colour", "F"]),
        (function("F", "A: !Ref AWS::Nothing"), vec!["AWS::Nothing"]),
        (function("F", "A: !If [Maybe, 1, 2]"), vec!["Maybe"]),
        (function("F", "").replace("CodeUri: f", "CodeUri: f\n      Layers: [x]"), vec!["Resources.F", "Layers"]),
        (function("F", "").replace("provided.al2023", "java25"), vec!["Resources.F", "Runtime", "java25"]),
        (function("F", "").replace("    Properties", "    CreationPolicy: {}\n    Properties"), vec!["CreationPolicy"]),
        (function("F", "").replace("    Type", "    Metadata: {BuildMethod: makefile}\n    Type"), vec!["makefile"]),
        (format!("Mappings: {{}}\n{}", function("F", "")), vec!["Mappings"]),
        (format!("Transform: AWS::LanguageExtensions\n{}", function("F", "")), vec!["Transform"]),
        (format!("Globals: {{HttpApi: {{}}}}\n{}", function("F", "")), vec!["Globals.HttpApi"]),
        (
            format!("Parameters: {{P: {{Type: List<AWS::EC2::Subnet::Id>, Default: x}}}}\n{}", function("F", "")),
            vec!["P"],
        ),
        ("a: [".to_owned(), vec!["not YAML"]),
    ] {
        let refused = refusal(&text);
        assert!(named.iter().all(|name| refused.contains(name)), "{refused} should name {named:?}");
    }
}

#[test]
fn a_cycle_is_found_and_shown() {
    let text = "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties: {X: !Ref B}\n  B:\n    Type: AWS::IAM::Role\n    \
                Properties: {X: !Sub '${C}'}\n  C:\n    Type: AWS::IAM::Role\n    DependsOn: A\n";
    let refused = refusal(text);
    assert!(refused.contains("A → B → C → A"), "{refused}");
    assert!(refusal("Resources:\n  A: {Type: AWS::IAM::Role, Properties: {X: !GetAtt A.Arn}}\n").contains("A → A"));
}

#[test]
fn a_route_that_is_an_event_of_the_issuers_function_would_be_a_cycle() {
    let text = REAL
        .replace("      AuthorizerUri:", "      AuthorizerCredentialsArn: !Ref RegisterRoute\n      AuthorizerUri:");
    assert!(refusal(&text).contains("AuthorizerCredentialsArn"), "an unknown property comes first");
    let text = REAL.replace(
        "  Api:\n    Type: AWS::ApiGatewayV2::Api\n",
        "  Api:\n    DependsOn: RegisterFunction\n    Type: AWS::ApiGatewayV2::Api\n",
    );
    let refused = refusal(&text);
    assert!(refused.contains("cycle") && refused.contains("Api") && refused.contains("RegisterFunction"), "{refused}");
}

#[test]
fn a_condition_that_names_itself_is_refused() {
    let text = format!(
        "Conditions: {{A: !Not [!Condition B], B: !Not [!Condition A]}}\n{}",
        function("F", "X: !If [A, 1, 2]")
    );
    assert!(refusal(&text).contains("refers to itself"));
}

#[test]
fn a_resource_whose_condition_is_false_is_not_there() {
    let head = "Conditions: {Never: !Equals [a, b]}\nResources:\n  R: {Type: AWS::IAM::Role, Condition: Never}\n";
    let with_reference = format!("{head}  S: {{Type: AWS::IAM::Role, Properties: {{X: !GetAtt R.Arn}}}}\n");
    assert!(local(head, &[]).is_ok());
    assert!(refusal(&with_reference).contains("its condition Never is false"));
}

#[test]
fn a_call_past_the_alias_is_refused_because_no_deployment_of_it_would_be_careful() {
    let past = REAL.replace("IntegrationUri: !Ref TokenFunction.Alias", "IntegrationUri: !GetAtt TokenFunction.Arn");
    assert!(refusal(&past).contains("TokenFunction is called past its alias live"), "{}", refusal(&past));
}

#[test]
fn a_function_may_have_aliases_that_are_resources_of_their_own() {
    let alias = "  Admin: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref F, FunctionVersion: !GetAtt F.Version.Version, Name: admin}}\n\
                 Outputs: {Admin: {Value: !Ref Admin}, Version: {Value: !Ref F.Version}}\n";
    let template = local(&format!("{}{alias}", function("F", "")), &[]).expect("well-formed");
    assert_eq!(template.functions["F"].aliases, ["admin"]);
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:local-F";
    assert_eq!(
        (&template.outputs["Admin"], &template.outputs["Version"]),
        (&format!("{arn}:admin"), &format!("{arn}:1"))
    );
    let stray = alias.replace("FunctionName: !Ref F", "FunctionName: other");
    assert!(refusal(&format!("{}{stray}", function("F", ""))).contains("other"));
}

#[test]
fn a_call_of_the_gateway_without_its_permission_is_refused() {
    for permission in ["RegisterPermission:", "AuthorizerPermission:"] {
        let text = REAL.replace(permission, &format!("{permission}\n    Condition: OwnIssuer"));
        let refused = refusal(&text);
        assert!(refused.contains("AWS::Lambda::Permission"), "{refused}");
    }
    let narrow = REAL.replace("${Api}/authorizers/${Authorizer}", "${Api}/authorizers/other");
    assert!(refusal(&narrow).contains("AuthorizerFunction"));
}

#[test]
fn globals_merge_and_the_function_wins() {
    let globals =
        "Globals: {Function: {Timeout: 7, MemorySize: 256, Environment: {Variables: {A: global, B: global}}}}";
    let text = format!("{globals}\n{}", function("F", "B: own").replace("CodeUri: f", "CodeUri: f\n      Timeout: 9"));
    let template = local(&text, &[]).expect("well-formed");
    let function = &template.functions["F"];
    assert_eq!((function.timeout.as_secs(), function.memory), (9, 256));
    assert_eq!((function.variables["A"].as_str(), function.variables["B"].as_str()), ("global", "own"));
}

/// A folder with a stack called `shop` that exports an authorizer's alias and keeps it in the parameter store.
fn neighbour() -> (tempfile::TempDir, Beside) {
    let folder = tempfile::tempdir().expect("a folder");
    let asked = function("Asked", "ISSUER: !GetAtt Api.ApiEndpoint")
        .replace("CodeUri: f", "CodeUri: f\n      AutoPublishAlias: live");
    let rest = "  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}\n  \
                Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}\n  \
                Arn: {Type: AWS::SSM::Parameter, Properties: {Name: !Sub '/${AWS::StackName}/Arn', Type: String, Value: !Ref Asked.Alias}}\n\
                Outputs:\n  Arn: {Value: !Sub '${Asked.Alias}', Export: {Name: !Sub '${AWS::StackName}-Arn'}}\n";
    let text = format!("Parameters: {{P: {{Type: String, Default: x}}}}\n{asked}{rest}");
    std::fs::write(folder.path().join("template.yaml"), text).expect("a file");
    std::fs::write(folder.path().join("samconfig.toml"), "[default.global.parameters]\nstack_name = \"shop\"\n")
        .expect("a file");
    let template = folder.path().join("template.yaml");
    (folder, Beside { template, url: "http://127.0.0.1:4000".into(), parameters: Vec::new() })
}

fn beside(text: &str, beside: &Beside) -> Result<Template, String> {
    let deployment = Deployment::local("http://127.0.0.1:3001");
    resolve(text, Path::new("."), &[], &deployment, Some(beside)).map_err(|problem| problem.to_string())
}

/// A REST API whose authorizer is `arn`.
fn guarded(arn: &str) -> String {
    format!(
        "Resources:\n  Api:\n    Type: AWS::Serverless::Api\n    Properties: {{StageName: prod, Auth: {{Authorizers: {{A: {{FunctionArn: {arn}}}}}}}}}\n"
    )
}

#[test]
fn what_a_stack_imports_is_what_the_other_one_would_export_where_it_answers() {
    let (folder, shop) = neighbour();
    for arn in [
        "!ImportValue shop-Arn",
        "!ImportValue {'Fn::Sub': 'shop-Arn'}",
        "'{{resolve:ssm:/shop/Arn}}'",
        "!Sub '{{resolve:ssm:/shop/Arn}}'",
    ] {
        let template = beside(&guarded(arn), &shop).expect("it is imported");
        let asked = &template.functions["shop.Asked"];
        assert_eq!(asked.arn, "arn:aws:lambda:us-east-1:123456789012:function:shop-Asked");
        assert_eq!(
            (asked.alias.as_deref(), asked.variables["ISSUER"].as_str()),
            (Some("live"), "http://127.0.0.1:4000")
        );
        assert_eq!(asked.code_uri, folder.path().canonicalize().expect("a path").join("f"));
        assert!(!Template::imports(&shop.template) && neighbour::imports(&guarded(arn)));
    }
    let head = "Parameters: {A: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/Arn}}\n";
    assert!(
        beside(&format!("{head}{}", guarded("!Ref A")), &shop)
            .expect("it is read")
            .functions
            .contains_key("shop.Asked")
    );
    let unused = beside(&function("F", "A: !ImportValue shop-Arn"), &shop).expect("it is imported");
    assert_eq!(unused.functions.len(), 1, "a function that nobody calls is not there");
}

#[test]
fn what_is_not_exported_is_an_error_that_names_what_is() {
    let (_folder, shop) = neighbour();
    for (arn, named) in [
        ("!ImportValue shop-Other", "shop-Arn"),
        ("!ImportValue other-Arn", "shop-Arn"),
        ("'{{resolve:ssm:/shop/Other}}'", "/shop/Arn"),
        ("'{{resolve:ssm:/shop/Arn:3}}'", "not run locally"),
        ("'{{resolve:secretsmanager:x}}'", "not run locally"),
        ("'{{resolve:ssm:/shop/Arn'", "without"),
        ("arn:aws:lambda:us-east-1:123456789012:function:shop-Asked:other", "no function"),
    ] {
        let refused = beside(&guarded(arn), &shop).expect_err("it cannot be imported");
        assert!(refused.contains(named), "{arn}: {refused}");
    }
    assert!(refusal(&guarded("!ImportValue shop-Arn")).contains("no other stack"));
    let gone = Beside { template: "/nowhere/template.yaml".into(), ..shop.clone() };
    assert!(beside(&guarded("!ImportValue shop-Arn"), &gone).is_err_and(|refused| refused.contains("/nowhere")));
    let wrong = Beside { parameters: vec![("Q".into(), "y".into())], ..shop };
    assert!(beside(&guarded("!ImportValue shop-Arn"), &wrong).is_err_and(|refused| refused.contains("no parameter Q")));
}

#[test]
fn an_http_api_must_be_permitted_to_call_an_authorizer_that_it_imports() {
    let (_folder, shop) = neighbour();
    let api = |permits: bool| {
        format!(
            "Resources:\n  Api:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      Auth:\n        Authorizers:\n          \
             A: {{FunctionArn: !ImportValue shop-Arn, AuthorizerPayloadFormatVersion: '2.0', EnableFunctionDefaultPermissions: {permits}}}\n"
        )
    };
    assert!(beside(&api(true), &shop).is_ok());
    assert!(beside(&api(false), &shop).is_err_and(|refused| refused.contains("AWS::Lambda::Permission")));
}

#[test]
fn what_a_rest_api_asks_for_is_checked() {
    let api = |properties: &str| {
        format!(
            "Resources:\n  Api:\n    Type: AWS::Serverless::Api\n    Properties: {{StageName: prod, {properties}}}\n"
        )
    };
    for (properties, named) in [
        ("Cors: '*'", "Cors"),
        ("BinaryMediaTypes: ['*/*']", "BinaryMediaTypes"),
        ("GatewayResponses: {NOT_FOUND: {}}", "NOT_FOUND"),
        ("GatewayResponses: {UNAUTHORIZED: {StatusCode: 99}}", "99"),
        ("GatewayResponses: {UNAUTHORIZED: {ResponseParameters: {Headers: {X: Bearer}}}}", "single quotes"),
        ("Auth: {Authorizers: {A: {FunctionArn: x}}}", "no function"),
        ("Auth: {ApiKeyRequired: true}", "ApiKeyRequired"),
    ] {
        let refused = refusal(&api(properties));
        assert!(refused.contains(named), "{properties}: {refused}");
    }
    let both = "Resources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: x}}\n  B: {Type: AWS::Serverless::HttpApi}\n";
    assert!(refusal(both).contains("one API is run locally"));
}

#[test]
fn a_rule_that_does_not_hold_is_told_in_its_own_words() {
    let head = "Parameters: {A: {Type: String, Default: ''}, B: {Type: String, Default: ''}}\nRules:\n  R:\n    RuleCondition: \
                !Not [!Equals [!Ref A, '']]\n    Assertions: [{Assert: !Not [!Equals [!Ref B, '']], AssertDescription: A needs B}]\n";
    let text = format!("{head}{}", function("F", ""));
    assert!(local(&text, &[]).is_ok() && local(&text, &[("A", "a"), ("B", "b")]).is_ok());
    let refused = local(&text, &[("A", "a")]).expect_err("it needs B");
    assert_eq!(refused, "Rules.R: A needs B");
    let reaching = text.replace("!Equals [!Ref B, '']", "!Equals [!Ref F, '']");
    assert!(local(&reaching, &[("A", "a")]).is_err_and(|refused| refused.contains("parameters only")));
}
