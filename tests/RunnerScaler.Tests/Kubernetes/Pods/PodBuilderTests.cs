using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed class PodBuilderTests
{
    private static readonly PodDefaults Defaults = new("ghcr.io/x/runner:1", "500m", "1Gi", TimeSpan.FromSeconds(60));
    private static readonly ClaimEndpoint Claims = new("https://runnerscaler.ops.svc:8443/claims", "-----CA-----");

    [Fact]
    public void TheGeneratedPodIsThis() =>
        Assert.Equal(
            JsonNode.Parse("""
            {
              "apiVersion": "v1",
              "kind": "Pod",
              "metadata": {
                "labels": {
                  "app.kubernetes.io/managed-by": "runnerscaler",
                  "runnerscaler.io/pool": "linux",
                  "runnerscaler.io/slot": "7"
                },
                "annotations": {"runnerscaler.io/claim": "", "runnerscaler.io/revision": "REVISION"},
                "namespace": "ci",
                "ownerReferences": [{
                  "apiVersion": "runnerscaler.io/v1alpha1", "kind": "RunnerPool", "name": "linux", "uid": "pool-uid",
                  "controller": true, "blockOwnerDeletion": true
                }],
                "name": "linux-7"
              },
              "spec": {
                "serviceAccountName": "default",
                "automountServiceAccountToken": false,
                "enableServiceLinks": false,
                "terminationGracePeriodSeconds": 60,
                "securityContext": {
                  "runAsNonRoot": true, "runAsUser": 1001, "seccompProfile": {"type": "RuntimeDefault"}
                },
                "containers": [{
                  "name": "runner",
                  "image": "ghcr.io/x/runner:1",
                  "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
                  "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
                  "terminationMessagePath": "/dev/termination-log",
                  "terminationMessagePolicy": "File",
                  "volumeMounts": [{
                    "name": "runnerscaler-claim", "mountPath": "/var/run/secrets/runnerscaler", "readOnly": true
                  }],
                  "env": [
                    {"name": "RUNNERSCALER_CLAIM_URL", "value": "https://runnerscaler.ops.svc:8443/claims"},
                    {"name": "RUNNERSCALER_CLAIM_CA", "value": "-----CA-----"},
                    {"name": "RUNNERSCALER_TOKEN_FILE", "value": "/var/run/secrets/runnerscaler/token"},
                    {"name": "RUNNERSCALER_BUILDER_MODE", "value": "None"},
                    {"name": "RUNNERSCALER_GRACE_SECONDS", "value": "60"},
                    {"name": "RUNNERSCALER_METRICS_PORT", "value": "9180"}
                  ],
                  "ports": [{"name": "metrics", "containerPort": 9180}]
                }],
                "restartPolicy": "Never",
                "volumes": [{
                  "name": "runnerscaler-claim",
                  "projected": {"sources": [{"serviceAccountToken": {
                    "audience": "runnerscaler", "expirationSeconds": 3600, "path": "token"
                  }}]}
                }]
              }
            }
            """.Replace("REVISION", Build(null).Revision, StringComparison.Ordinal))!.ToJsonString(),
            Build(null).ForSlot(7).ToJsonString());

    [Fact]
    public void TheTemplateIsMergedOverIt()
    {
        var spec = Pod("""
            {"metadata": {"labels": {"team": "x"}, "annotations": {"note": "y"}},
             "spec": {
               "nodeSelector": {"disk": "ssd"},
               "terminationGracePeriodSeconds": 5,
               "securityContext": {"fsGroup": 123, "runAsUser": null},
               "containers": [
                 {"name": "runner", "image": "mine:2", "resources": {"limits": {"memory": "4Gi"}},
                  "env": [{"name": "A", "value": "1"}], "volumeMounts": [{"name": "work", "mountPath": "/work"}]},
                 {"name": "sidecar", "image": "side:1"}],
               "volumes": [{"name": "work", "emptyDir": {"sizeLimit": "1024Mi"}}],
               "tolerations": [{"key": "ci", "operator": "Exists"}]}}
            """);
        Assert.Equal("x", (string?)spec["metadata"]!["labels"]!["team"]);
        Assert.Equal("y", (string?)spec["metadata"]!["annotations"]!["note"]);
        var pod = spec["spec"]!;
        Assert.Equal("ssd", (string?)pod["nodeSelector"]!["disk"]);
        Assert.Equal(5, (int?)pod["terminationGracePeriodSeconds"]);
        Assert.Equal(
            """{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"},"fsGroup":123}""",
            pod["securityContext"]!.ToJsonString());
        Assert.Equal(["runner", "sidecar"], pod["containers"]!.AsArray().Select(c => (string?)c!["name"]));
        var runner = pod["containers"]![0]!;
        Assert.Equal("mine:2", (string?)runner["image"]);
        Assert.Equal(
            """{"requests":{"cpu":"500m","memory":"1Gi"},"limits":{"memory":"4Gi"}}""",
            runner["resources"]!.ToJsonString());
        Assert.Equal(
            ["A", "RUNNERSCALER_CLAIM_URL", "RUNNERSCALER_CLAIM_CA", "RUNNERSCALER_TOKEN_FILE"],
            runner["env"]!.AsArray().Select(v => (string?)v!["name"]).Take(4));
        Assert.Equal("5", (string?)runner["env"]!.AsArray()
            .Single(v => (string?)v!["name"] == "RUNNERSCALER_GRACE_SECONDS")!["value"]);
        Assert.Equal(["/work", "/var/run/secrets/runnerscaler"], Mounts(runner));
        Assert.Equal(["work", "runnerscaler-claim"], pod["volumes"]!.AsArray().Select(v => (string?)v!["name"]));
        Assert.Single(pod["tolerations"]!.AsArray());
    }

    [Fact]
    public void RunnerAndBuilderHaveTheProxyUnlessTheTemplateHasAnother()
    {
        var defaults = Defaults with { Proxy = new("http://p:1", "http://p:2", ".svc") };
        var wishes = new PodOptions(new BuilderSpec(), null, null);
        var template = JsonNode.Parse("""
            {"spec":{"containers":[{"name":"runner","env":[{"name":"HTTPS_PROXY","value":"http://mine:3"}]},
              {"name":"other","image":"x"}]}}
            """)!.AsObject();
        var recipe = new PodInputs(new("ci", "linux"), "pool-uid", template, wishes, BuilderProfile.Baseline);
        var spec = PodBuilder.Build(recipe, defaults, Claims).ForSlot(7)["spec"]!;
        Assert.Equal(
            ["HTTPS_PROXY=http://mine:3", "HTTP_PROXY=http://p:1", "NO_PROXY=.svc", "http_proxy=http://p:1",
                "https_proxy=http://p:2", "no_proxy=.svc"],
            Proxies(spec["containers"]![0]!));
        Assert.Equal(
            ["HTTPS_PROXY=http://p:2", "HTTP_PROXY=http://p:1", "NO_PROXY=.svc", "http_proxy=http://p:1",
                "https_proxy=http://p:2", "no_proxy=.svc"],
            Proxies(spec["initContainers"]!.AsArray().Single()!));
        Assert.Null(spec["containers"]![1]!["env"]);

        static IEnumerable<string> Proxies(JsonNode container) => container["env"]!.AsArray()
            .Select(v => $"{v!["name"]}={v["value"]}")
            .Where(v => v.Contains("_PROXY=", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
    }

    [Fact]
    public void OnlyTheRunnerGetsTheClaimToken()
    {
        var pod = Pod("""
            {"spec":{"containers":[{"name":"other","image":"x"}],"initContainers":[{"name":"first","image":"y"}]}}
            """);
        Assert.Null(pod["spec"]!["containers"]![1]!["volumeMounts"]);
        Assert.Null(pod["spec"]!["initContainers"]![0]!["volumeMounts"]);
        Assert.Null(pod["spec"]!["containers"]![1]!["env"]);
    }

    [Theory]
    [InlineData("""{"metadata":null,"spec":null}""")]
    [InlineData("""{"metadata":{"labels":null,"annotations":null}}""")]
    [InlineData("""{"spec":{"containers":null,"volumes":null}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"runner","env":null,"volumeMounts":null}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"runner","terminationMessagePolicy":"FallbackToLogsOnError"}]}}""")]
    [InlineData("""{"spec":{"restartPolicy":null}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"runner","restartPolicy":"Always"}]}}""")]
    [InlineData(
        """
        {"spec":{"containers":[{"name":"runner","restartPolicy":"Never",
        "restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[1]}}]}]}}
        """)]
    public void NoTemplateCanTakeAwayWhatMakesThePodOurs(string template)
    {
        var pod = Pod(template);
        Assert.Equal("runnerscaler", (string?)pod["metadata"]!["labels"]![Marks()]);
        Assert.Equal("", (string?)pod["metadata"]!["annotations"]!["runnerscaler.io/claim"]);
        Assert.Equal("Never", (string?)pod["spec"]!["restartPolicy"]);
        Assert.Single(pod["spec"]!["volumes"]!.AsArray(), v => (string?)v!["name"] == "runnerscaler-claim");
        var runner = Assert.Single(pod["spec"]!["containers"]!.AsArray())!;
        Assert.Equal("runner", (string?)runner["name"]);
        Assert.Equal("File", (string?)runner["terminationMessagePolicy"]);
        Assert.Null(runner["restartPolicy"]);
        Assert.Null(runner["restartPolicyRules"]);
        Assert.Equal(["/var/run/secrets/runnerscaler"], Mounts(runner));
        Assert.Equal(6, runner["env"]!.AsArray().Count);

        static string Marks() => "app.kubernetes.io/managed-by";
    }

    [Fact]
    public void FieldsThatNobodyKnowsAndQuantitiesStayAsTheyWereWritten()
    {
        var pod = Pod("""
            {"spec":{"newFieldFromK8s140":{"a":[1.50,null]},
              "containers":[{"name":"runner","resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}]}}
            """);
        Assert.Equal("""{"a":[1.50,null]}""", pod["spec"]!["newFieldFromK8s140"]!.ToJsonString());
        Assert.Equal(
            """{"cpu":"1000m","memory":"1024Mi"}""",
            pod["spec"]!["containers"]![0]!["resources"]!["limits"]!.ToJsonString());
    }

    [Fact]
    public void AVolumeOrVariableOfTheTemplateReplacesTheOtherWhole()
    {
        var target = JsonNode.Parse(
            """{"volumes":[{"name":"v","emptyDir":{}}],"env":[{"name":"A","value":"1"}]}""")!.AsObject();
        TemplateMerge.Merge(
            target,
            JsonNode.Parse("""
                {"volumes":[{"name":"v","ephemeral":{"x":1}}],
                 "env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}]}
                """)!.AsObject());
        Assert.Equal(
            """[{"name":"v","ephemeral":{"x":1}}]""", target["volumes"]!.ToJsonString());
        Assert.Equal(
            """[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}]""", target["env"]!.ToJsonString());
    }

    [Fact]
    public void ListsWithoutKeysAreReplacedAndTheTemplateStaysAsItWas()
    {
        var target = JsonNode.Parse("""{"args":["a","b"],"x":{"y":1}}""")!.AsObject();
        var patch = JsonNode.Parse("""{"args":["c"],"x":{"y":null,"z":{"q":null,"r":2}}}""")!.AsObject();
        var before = patch.ToJsonString();
        TemplateMerge.Merge(target, patch);
        Assert.Equal("""{"args":["c"],"x":{"z":{"r":2}}}""", target.ToJsonString());
        Assert.Equal(before, patch.ToJsonString());
    }

    [Fact]
    public void TheRevisionIsStableAndKnowsEverythingThatShapesThePod()
    {
        var one = Build(Parse("""{"spec":{"nodeSelector":{"a":"1","b":"2"}}}""")).Revision;
        var reordered = Build(Parse("""{"spec":{"nodeSelector":{"b":"2","a":"1"}}}""")).Revision;
        Assert.Equal(one, reordered);
        Assert.Matches("^[0-9a-f]{12}$", one);
        string[] others =
        [
            Build(null).Revision,
            Build(Parse("""{"spec":{"nodeSelector":{"a":"1","b":"3"}}}""")).Revision,
            PodBuilder.Build(Recipe(null), Defaults with { Image = "other" }, Claims).Revision,
            PodBuilder.Build(Recipe(null), Defaults, Claims with { CaPem = "another" }).Revision,
        ];
        Assert.Equal(5, others.Append(one).Distinct().Count());
    }

    [Fact]
    public void TwoSlotsDifferInNameAndSlotOnly()
    {
        var shape = Build(null);
        Assert.Equal(
            shape.ForSlot(1).ToJsonString(),
            shape.ForSlot(2).ToJsonString()
                .Replace("linux-2", "linux-1", StringComparison.Ordinal)
                .Replace("\"runnerscaler.io/slot\":\"2\"", "\"runnerscaler.io/slot\":\"1\"", StringComparison.Ordinal));
    }

    [Fact]
    public void APodSaysWhatItIsMadeForAndItsRevisionDoesNot()
    {
        var shape = Build(null);
        var annotations = shape.ForSlot(1, PodPurpose.Standby)["metadata"]!["annotations"]!;
        Assert.Equal("Standby", (string?)annotations["runnerscaler.io/created-for"]);
        Assert.Equal(shape.Revision, (string?)annotations["runnerscaler.io/revision"]);
        Assert.Null(shape.ForSlot(1)["metadata"]!["annotations"]!["runnerscaler.io/created-for"]);
    }

    private static readonly PoolKey Key = new("ci", "linux");

    private static PodTemplate Build(JsonObject? template) =>
        PodBuilder.Build(Recipe(template), Defaults, Claims);

    private static PodInputs Recipe(JsonObject? template) => new(Key, "pool-uid", template, PodOptions.None, null);

    private static JsonObject Pod(string template) => Build(Parse(template)).ForSlot(0);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static IEnumerable<string?> Mounts(JsonNode container) =>
        container["volumeMounts"]!.AsArray().Select(m => (string?)m!["mountPath"]);
}
