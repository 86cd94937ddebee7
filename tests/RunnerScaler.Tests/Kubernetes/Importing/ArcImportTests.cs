using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Importing;

namespace RunnerScaler.Tests.Kubernetes.Importing;

/// <summary>What becomes of ARC's objects.</summary>
public sealed class ArcImportTests
{
    private const string ScaleSet = """
        apiVersion: actions.github.com/v1alpha1
        kind: AutoscalingRunnerSet
        metadata: {name: big-linux, namespace: arc-runners}
        spec:
          githubConfigUrl: https://github.com/acme/
          githubConfigSecret: arc-secret
          runnerGroup: Trusted
          maxRunners: 30
          minRunners: 2
        """;

    private const string Deployment = """
        apiVersion: actions.summerwind.dev/v1alpha1
        kind: RunnerDeployment
        metadata: {name: old, namespace: ci}
        spec:
          replicas: 4
          template:
            spec:
              repository: acme/app
              labels: [gpu, Linux]
              ephemeral: false
              dockerRegistryMirror: https://mirror.acme.io/
              dockerdContainerResources: {limits: {memory: 8Gi}}
              env: [{name: TEAM, value: a}]
              nodeSelector: {disk: fast}
              workDir: /w
        """;

    private const string Autoscaler = """
        apiVersion: actions.summerwind.dev/v1alpha1
        kind: HorizontalRunnerAutoscaler
        metadata: {name: old-scaler, namespace: ci}
        spec:
          scaleTargetRef: {name: old}
          minReplicas: 1
          maxReplicas: 8
          scaleDownDelaySecondsAfterScaleOut: 300
          metrics: [{type: TotalNumberOfQueuedAndInProgressWorkflowRuns, repositoryNames: [app]}]
          scheduledOverrides:
          - {startTime: "2026-11-02T08:00:00+09:00", endTime: "2026-11-02T18:00:00+09:00", minReplicas: 5,
             recurrenceRule: {frequency: Daily}}
          - {startTime: "2026-11-07T00:00:00Z", endTime: "2026-11-09T00:00:00Z", minReplicas: 0,
             recurrenceRule: {frequency: Weekly}}
        """;

    [Fact]
    public void AScaleSetBecomesAPoolForTheSameJobs()
    {
        var pool = Only(ScaleSet);
        AssertSpec(pool, """
            {"github":{"credentialsSecret":"arc-secret-runnerscaler",
              "serves":[{"url":"https://github.com/acme","runnerGroup":"Trusted"}]},
             "labels":["big-linux"],"limits":{"maxRunners":30},"warm":{"standby":2},"builder":{"mode":"None"}}
            """);
        Assert.Equal(("arc-runners", "big-linux"), (pool.Key.Namespace, pool.Key.Name));
        AssertNoted(pool, "The Secret 'arc-secret-runnerscaler' has to be made", "minRunners became warm.standby",
            "builder.mode is None");
    }

    [Fact]
    public void ADockerDaemonBecomesABuilderAndTheRestOfThePodStays()
    {
        var pool = Only(ScaleSet + "\n" + """
              runnerScaleSetLabels: [Big-Linux, gpu]
              template:
                metadata:
                  labels: {team: a, actions.github.com/scale-set-name: x}
                spec:
                  serviceAccountName: builder
                  restartPolicy: Never
                  nodeSelector: {disk: fast}
                  initContainers:
                  - {name: init-dind-externals, image: ghcr.io/actions/actions-runner:latest}
                  - {name: dind, image: "docker:dind", resources: {limits: {cpu: 4, memory: 8Gi}},
                     securityContext: {privileged: true}, restartPolicy: Always}
                  containers:
                  - name: runner
                    image: registry.acme.io/runner:7
                    command: [/home/runner/run.sh]
                    resources: {requests: {cpu: 500m}}
                    env: [{name: DOCKER_HOST, value: "unix:///var/run/docker.sock"}, {name: TEAM, value: a}]
                    volumeMounts:
                    - {name: work, mountPath: /home/runner/_work}
                    - {name: dind-sock, mountPath: /var/run}
                    - {name: tools, mountPath: /opt/tools}
                  - {name: proxy, image: "envoy:1"}
                  volumes:
                  - {name: work, emptyDir: {} }
                  - {name: dind-sock, emptyDir: {} }
                  - {name: tools, persistentVolumeClaim: {claimName: tools} }
                  - {name: host, hostPath: {path: /var/lib}}
            """);
        AssertSpec(pool, """
            {"github":{"credentialsSecret":"arc-secret-runnerscaler",
              "serves":[{"url":"https://github.com/acme","runnerGroup":"Trusted"}]},
             "labels":["big-linux","gpu"],"limits":{"maxRunners":30},"warm":{"standby":2},
             "template":{"metadata":{"labels":{"team":"a"}},"spec":{"nodeSelector":{"disk":"fast"},
               "containers":[
                 {"name":"runner","resources":{"requests":{"cpu":"500m"}},"env":[{"name":"TEAM","value":"a"}],
                  "volumeMounts":[{"name":"tools","mountPath":"/opt/tools"}]},
                 {"name":"proxy","image":"envoy:1"}],
               "volumes":[{"name":"tools","persistentVolumeClaim":{"claimName":"tools"}}]}},
             "builder":{"resources":{"limits":{"cpu":"4","memory":"8Gi"}}}}
            """);
        AssertNoted(pool, "The image 'registry.acme.io/runner:7' was left out: an image of your own is made FROM",
            "The volume 'host' was left out", "The service account 'builder' was left out", "rootless BuildKit");
    }

    [Theory]
    [InlineData("  maxRunners: 30", "", "ARC had no limit on runners")]
    [InlineData("minRunners: 2", "minRunners: 50", "50 runners were to be kept ready, and the limit is 30")]
    [InlineData("minRunners: 2", "vaultConfig: {type: azure_key_vault}", "The key vault was left out")]
    [InlineData(
        "minRunners: 2", "proxy: {https: {url: 'http://p:1', credentialSecretRef: s}}", "(http://p:1) was left out")]
    [InlineData("minRunners: 2", "proxy: {https: {url: 'http://me:hunter2@p:1'}}", "(as ARC has it) was left out")]
    [InlineData("minRunners: 2", "githubServerTLS: {certificateFrom: {}}", "extraCertificates")]
    [InlineData("minRunners: 2", "listenerTemplate: {spec: {}}", "The listener's settings were left out")]
    [InlineData("minRunners: 2", "somethingNew: 1", "spec.somethingNew was left out")]
    [InlineData("minRunners: 2", "template: {spec: {hostNetwork: true}}", "hostNetwork was left out")]
    [InlineData(
        "minRunners: 2",
        "template: {spec: {containers: [{name: runner, env: [{name: ACTIONS_RUNNER_CONTAINER_HOOKS}]}]}}",
        "Jobs with 'container:'")]
    public void WhatCannotBeCarriedOverIsSaid(string old, string @new, string note)
    {
        var pool = Only(ScaleSet.Replace(old, @new, StringComparison.Ordinal));
        Assert.NotNull(pool.Spec);
        AssertNoted(pool, note);
        Assert.DoesNotContain(pool.Notes, n => n.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("github.com/acme/", "github.com/enterprises/big/x", "names no enterprise")]
    [InlineData("https://github.com/acme/", "", "it does not say which organisation")]
    [InlineData("https://github.com/acme/", "ftp://github.com/acme", "is no web address")]
    [InlineData("minRunners: 2", "runnerScaleSetName: \"a,b\"", "RunnerScaler would refuse it: spec.labels[0]")]
    [InlineData("arc-secret", "\"no name\"", "RunnerScaler would refuse it: spec.github.credentialsSecret")]
    [InlineData("minRunners: 2",
        "template: {spec: {volumes: [{name: a}, {name: a}]}}", "RunnerScaler would refuse it: "
            + "spec.template.spec.volumes")]
    public void WhatWouldBeRefusedIsNotPrintedButNamed(string old, string @new, string why)
    {
        var result = Convert($"{ScaleSet.Replace(old, @new, StringComparison.Ordinal)}\n---\n{Deployment}");
        Assert.Null(result.Pools[0].Spec);
        Assert.Contains(why, Assert.Single(result.Pools[0].Notes), StringComparison.Ordinal);
        Assert.NotNull(result.Pools[1].Spec);
        Assert.Contains("# NOT IMPORTED AutoscalingRunnerSet arc-runners/big-linux\n", ImportText.Pools(result));
    }

    [Fact]
    public void ADeploymentAndWhatScalesItBecomeOnePool()
    {
        var pool = Only($"{Deployment}\n---\n{Autoscaler}");
        AssertSpec(pool, """
            {"github":{"credentialsSecret":"github-runnerscaler","serves":[{"url":"https://github.com/acme/app"}]},
             "labels":["self-hosted","linux","x64","gpu"],"limits":{"maxRunners":8},
             "warm":{"standby":1,"schedules":[{"from":"23:00","to":"09:00","standby":5}]},"deadlines":{"idle":"300s"},
             "template":{"spec":{"nodeSelector":{"disk":"fast"},
               "containers":[{"name":"runner","env":[{"name":"TEAM","value":"a"}]}]}},
             "builder":{"resources":{"limits":{"memory":"8Gi"}},
               "registries":[{"host":"docker.io","mirrors":["mirror.acme.io"]}]}}
            """);
        AssertNoted(pool, "spec.replicas was left out", "ephemeral: false was left out", "workDir was left out",
            "The scheduled override from '2026-11-07T00:00:00Z'", "ARC looked at the repositories 'app' alone",
            "no webhook server is needed");
    }

    [Fact]
    public void WithoutAnAutoscalerTheNumberIsTheLimit()
    {
        var pool = Only(Deployment.Replace("repository: acme/app", "organization: acme\n      group: Big",
            StringComparison.Ordinal), new() { Server = "https://ghe.acme.io" });
        Assert.Equal("""{"maxRunners":4}""", pool.Spec!["limits"]!.ToJsonString());
        Assert.Equal("""[{"url":"https://ghe.acme.io/acme","runnerGroup":"Big"}]""",
            pool.Spec["github"]!["serves"]!.ToJsonString());
        AssertNoted(pool, "ARC kept 4 runners at all times");
    }

    [Fact]
    public void ARunnerSetIsOneToo()
    {
        var pool = Only("""
            kind: RunnerSet
            metadata: {name: set}
            spec:
              organization: acme
              dockerEnabled: false
              selector: {matchLabels: {app: x}}
              serviceName: x
              volumeClaimTemplates: [{metadata: {name: v}}]
              template: {spec: {containers: [{name: runner, resources: {requests: {cpu: 1}}}]}}
            """);
        Assert.Equal("None", (string?)pool.Spec!["builder"]!["mode"]);
        Assert.Equal(
            """{"requests":{"cpu":1}}""",
            pool.Spec["template"]!["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        AssertNoted(pool, "spec.volumeClaimTemplates was left out");
    }

    [Fact]
    public void AFileOfValuesIsWhatTheChartMakesOfIt()
    {
        const string values = """
            githubConfigUrl: https://github.com/acme/app
            githubConfigSecret: {github_token: ghp_secret}
            maxRunners: 5
            containerMode: {type: dind}
            scaleSetLabels: [gpu]
            template: {spec: {containers: [{name: runner, image: "ghcr.io/actions/actions-runner:latest"}]}}
            """;
        var result = Convert(values, new() { Name = "arc-app" });
        var pool = Assert.Single(result.Pools);
        AssertSpec(pool, """
            {"github":{"credentialsSecret":"arc-app-gha-rs-github-secret-runnerscaler",
              "serves":[{"url":"https://github.com/acme/app"}]},
             "labels":["arc-app","gpu"],"limits":{"maxRunners":5}}
            """);
        var printed = ImportText.Values(result);
        Assert.DoesNotContain("ghp_secret", printed, StringComparison.Ordinal);
        Assert.Contains("pools:\n  # from AutoscalingRunnerSet arc-app\n", printed, StringComparison.Ordinal);
        Assert.Contains("\n  arc-app:\n    credentialsSecret: arc-app-gha", printed, StringComparison.Ordinal);
        Assert.Contains("--name=RELEASE", Assert.Throws<ImportException>(() => Convert(values)).Message);
    }

    [Theory]
    [InlineData("kind: Secret", "Objects of the kind 'Secret' were left out")]
    [InlineData("kind: EphemeralRunner", "Objects of the kind EphemeralRunner were left out: ARC makes them")]
    [InlineData("replicaCount: 1", "These are values of ARC's controller")]
    [InlineData("{auth: {url: x}, scaleset: {name: y}}", "These are values of ARC's experimental chart")]
    [InlineData("x: y", "A document without a kind was left out")]
    [InlineData("- x", "A document that is no object was left out.")]
    [InlineData("kind: \"\\u001b[31mSecret\\n# x\"", "Objects of the kind '\\u001b[31mSecret\\u000a# x' were left out")]
    public void WhatDescribesNoRunnersIsSaidOnce(string document, string note)
    {
        var result = Convert($"{document}\n---\n{document}\n---\n{ScaleSet}");
        Assert.StartsWith(note, Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.Single(result.Pools);
        Assert.DoesNotContain(ImportText.Pools(result), c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void ListsAreWhatIsInThemAndNamesAreMadePossible()
    {
        var items = string.Concat(((string[])["a.b", "A_B", "", new string('x', 60)]).Select(name => $$"""
            - kind: AutoscalingRunnerSet
              metadata: {name: "{{name}}"}
              spec: {githubConfigUrl: "https://github.com/acme", runnerScaleSetName: l}

            """));
        var result = Convert($"kind: List\nitems:\n{items}");
        Assert.Equal(["a-b", "a-b-2", "runners", new string('x', 46)], result.Pools.Select(p => p.Key.Name));
        Assert.All(result.Pools, p => AssertNoted(p, "The pool is called"));
    }

    /// <summary>One bad item fails no list, and nothing that is printed is more than a comment or a value.</summary>
    [Theory]
    [InlineData("spec: []")]
    [InlineData("metadata: 7")]
    [InlineData("spec: {githubConfigUrl: {a: b}, template: [], maxRunners: many, minRunners: -1}")]
    [InlineData("spec: {githubConfigUrl: 'https://github.com/a', runnerScaleSetLabels: {a: b}}")]
    [InlineData(
        "spec: {githubConfigUrl: 'https://github.com/a', template: {spec: {containers: [7, {}, {name: []}], volumes: "
            + "x}}}")]
    [InlineData("metadata: {name: \"x\\n---\\nkind: Secret\"}\nspec: {\"evil\\n---\\nkind: Secret\": 1}")]
    public void OddObjectsHarmNobody(string rest)
    {
        var result = Convert($"kind: AutoscalingRunnerSet\n{rest}\n---\n{ScaleSet}");
        Assert.Equal(2, result.Pools.Length);
        foreach (var printed in (string[])[ImportText.Pools(result), ImportText.Values(result)])
            foreach (var document in YamlReader.Documents(printed))
                Assert.DoesNotContain("\"Secret\"", document.ToJsonString(), StringComparison.Ordinal);
        Assert.NotNull(result.Pools[1].Spec);
    }

    [Fact]
    public void WhatIsPrintedIsWhatWasMade()
    {
        var result = Convert($"{ScaleSet}\n---\n{Deployment}\n---\n{Autoscaler}");
        var printed = YamlReader.Documents(ImportText.Pools(result));
        Assert.Equal(result.Pools.Length, printed.Length);
        foreach (var (pool, document) in result.Pools.Zip(printed))
            Assert.True(JsonNode.DeepEquals(ArcImport.Manifest(pool.Key, pool.Spec!), document));
    }

    private static ImportResult Convert(string yaml, ImportOptions? options = null) =>
        ArcImport.Convert(YamlReader.Documents(yaml), options ?? new());

    private static ImportedPool Only(string yaml, ImportOptions? options = null)
    {
        var result = Convert(yaml, options);
        Assert.Empty(result.Notes);
        return Assert.Single(result.Pools);
    }

    private static void AssertSpec(ImportedPool pool, string json) => Assert.True(
        JsonNode.DeepEquals(JsonNode.Parse(json), pool.Spec),
        $"{pool.Spec?.ToJsonString()}\n{string.Join('\n', pool.Notes)}");

    private static void AssertNoted(ImportedPool pool, params string[] notes)
    {
        foreach (var note in notes)
            Assert.Contains(pool.Notes, n => n.Contains(note, StringComparison.Ordinal));
    }
}
