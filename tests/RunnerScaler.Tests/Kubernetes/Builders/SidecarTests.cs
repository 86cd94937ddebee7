using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>The sidecar's pod, held against the pods that were measured on real nodes.</summary>
public sealed class SidecarTests
{
    [Theory]
    [InlineData("Baseline", """
        {"runAsUser":1000,"runAsGroup":1000,"runAsNonRoot":true,"allowPrivilegeEscalation":true,
         "capabilities":{"drop":["ALL"],"add":["SETUID","SETGID"]},
         "seccompProfile":{"type":"Localhost","localhostProfile":"profiles/runnerscaler-buildkit.json"}}
        """)]
    [InlineData("UserNamespaces", """
        {"runAsUser":1000,"runAsGroup":1000,"runAsNonRoot":true,"allowPrivilegeEscalation":true,
         "capabilities":{"drop":["ALL"],"add":["SETUID","SETGID"]},"procMount":"Unmasked",
         "seccompProfile":{"type":"Localhost","localhostProfile":"profiles/runnerscaler-buildkit.json"}}
        """)]
    [InlineData("Compatible", """
        {"runAsUser":1000,"runAsGroup":1000,"runAsNonRoot":true,"allowPrivilegeEscalation":true,
         "seccompProfile":{"type":"Unconfined"},"appArmorProfile":{"type":"Unconfined"}}
        """)]
    public void ItMayDoWhatWasMeasuredAndNoMore(string profile, string context)
    {
        var pod = TestPods.Build(TestPods.Plain, Enum.Parse<BuilderProfile>(profile));
        AssertJson(context, TestPods.Sidecar(pod)["securityContext"]!);
        Assert.Equal(profile == "UserNamespaces" ? "false" : null, pod["spec"]!["hostUsers"]?.ToJsonString());
        Assert.Equal(
            profile != "UserNamespaces",
            Texts(TestPods.Sidecar(pod)["args"]!).Contains("--oci-worker-no-process-sandbox"));
    }

    [Fact]
    public void ThePodOfABuilderWithUserNamespacesIsThis()
    {
        var pod = TestPods.Build(TestPods.Plain, BuilderProfile.UserNamespaces);
        AssertJson("""
            {"name":"buildkitd","image":"buildkit@sha256:x","restartPolicy":"Always",
             "args":["--addr","unix:///run/buildkit/buildkitd.sock","--config","/etc/buildkit/buildkitd.toml",
                     "--allow-insecure-entitlement","network.host"],
             "resources":{"requests":{"cpu":"500m","ephemeral-storage":"20Gi","memory":"1Gi"},
               "limits":{"cpu":"4","memory":"8Gi"}},
             "volumeMounts":[
               {"name":"buildkit-socket","mountPath":"/run/buildkit"},
               {"name":"buildkit-state","mountPath":"/home/user/.local/share/buildkit"},
               {"name":"buildkit-files","mountPath":"/etc/buildkit/buildkitd.toml","subPath":"buildkitd.toml",
                "readOnly":true},
               {"name":"buildkit-files","mountPath":"/etc/subuid","subPath":"subid","readOnly":true},
               {"name":"buildkit-files","mountPath":"/etc/subgid","subPath":"subid","readOnly":true}]}
            """, Without(TestPods.Sidecar(pod), "securityContext"));
        AssertJson("""
            [{"name":"buildkit-socket","emptyDir":{"sizeLimit":"16Mi"}},
             {"name":"buildkit-state","emptyDir":{"sizeLimit":"20Gi"}},
             {"name":"buildkit-files","downwardAPI":{"items":[
               {"path":"buildkitd.toml",
                "fieldRef":{"fieldPath":"metadata.annotations['runnerscaler.io/buildkitd.toml']"}},
               {"path":"subid","fieldRef":{"fieldPath":"metadata.annotations['runnerscaler.io/subid']"}}]}}]
            """, new JsonArray([.. pod["spec"]!["volumes"]!.AsArray().Take(3).Select(v => v!.DeepClone())]));
        Assert.Equal("[1000]", pod["spec"]!["securityContext"]!["supplementalGroups"]!.ToJsonString());
        Assert.Equal(90, (int?)pod["spec"]!["terminationGracePeriodSeconds"]);
        var annotations = pod["metadata"]!["annotations"]!;
        Assert.Equal("user:1:999\nuser:1001:64535\n", (string?)annotations["runnerscaler.io/subid"]);
        Assert.Contains(
            "maxUsedSpace", (string?)annotations["runnerscaler.io/buildkitd.toml"], StringComparison.Ordinal);
    }

    [Fact]
    public void TheIdsThatAreHandedOnAreThoseOfThePodAndNotTakenTwice()
    {
        var ranges = SidecarSecurity.SubordinateIds.TrimEnd('\n').Split('\n')
            .Select(l => l.Split(':').Skip(1).Select(int.Parse).ToArray());
        var ids = ranges.SelectMany(r => Enumerable.Range(r[0], r[1])).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, 65_535).Where(id => id != SidecarSecurity.User), ids.Order());
    }

    [Fact]
    public void TheRunnerReachesTheSocketAndKnowsTheBuilder()
    {
        var pod = TestPods.Build(TestPods.Plain, BuilderProfile.Baseline);
        var variables = TestPods.Variables(pod);
        Assert.Equal("Sidecar", variables["RUNNERSCALER_BUILDER_MODE"]);
        Assert.Equal("unix:///run/buildkit/buildkitd.sock", variables["RUNNERSCALER_BUILDER_ADDRESSES"]);
        Assert.Equal("Baseline", variables["RUNNERSCALER_BUILDER_PROFILE"]);
        Assert.Equal("90", variables["RUNNERSCALER_GRACE_SECONDS"]);
        Assert.Equal("9180", variables["RUNNERSCALER_METRICS_PORT"]);
        Assert.Equal(
            """[{"name":"metrics","containerPort":9180}]""", TestPods.Runner(pod)["ports"]!.ToJsonString());
        Assert.Contains("/run/buildkit", Mounts(TestPods.Runner(pod)));
        Assert.Null(TestPods.Sidecar(pod)["startupProbe"]);
    }

    [Fact]
    public void TheRunnerKnowsHowRegistriesAreReached()
    {
        var builder = new BuilderSpec
        {
            Registries =
            [
                new("docker.io", ["mirror.acme.io/hub"], false, false, null),
                new("registry.acme.io:5000", [], false, false, TestCertificate.Pem),
                new("old.acme.io", [], true, false, null),
                new("odd.acme.io", [], false, true, null),
            ],
        };
        var shared = builder with { Mode = BuilderMode.Shared, Shared = TestPods.Shared };
        foreach (var pod in (JsonObject[])[
            TestPods.Build(new(builder, null, null), BuilderProfile.Baseline),
            TestPods.Build(new(shared, null, null), null)])
            Assert.Equal(
                """
                {"registries":[{"host":"docker.io","mirrors":["mirror.acme.io/hub"]},{"host":"old.acme.io","http":true},
                {"host":"odd.acme.io","insecure":true}]}
                """.ReplaceLineEndings(""),
                TestPods.Variables(pod)["RUNNERSCALER_REGISTRIES"]);
        Assert.DoesNotContain(
            "RUNNERSCALER_REGISTRIES",
            TestPods.Variables(TestPods.Build(TestPods.Plain, BuilderProfile.Baseline)).Keys);
    }

    [Fact]
    public void TheControllerSetsTheVariablesOfTheProtocol()
    {
        var set = TestPods.All
            .SelectMany(p => TestPods.Variables(TestPods.Build(p.Wishes, p.Profile)).Keys)
            .Where(name => name.StartsWith("RUNNERSCALER_", StringComparison.Ordinal));
        Assert.Equal(PodVariables.OfController.Order(), set.Distinct().Order());
    }

    [Fact]
    public void EveryMountHasItsVolumeAndNothingIsTwice()
    {
        foreach (var (name, wishes, profile) in TestPods.All)
        {
            var spec = TestPods.Build(wishes, profile)["spec"]!;
            var volumes = Names(spec["volumes"]!).ToList();
            Assert.Equal(volumes.Distinct(), volumes);
            foreach (var container in (spec["initContainers"] as JsonArray ?? []).Concat(spec["containers"]!.AsArray()))
            {
                var mounts = Mounts(container!.AsObject()).ToList();
                Assert.Equal(mounts.Distinct(), mounts);
                Assert.All(Names(container["volumeMounts"]!), v => Assert.Contains(v, volumes));
            }
            Assert.All(
                volumes,
                v => Assert.True(spec.ToJsonString().Split($"\"name\":\"{v}\"").Length > 2, $"{name}: {v} is unused"));
        }
    }

    [Fact]
    public void ARegistrysCertificateReachesBothWhoTalkToIt()
    {
        var pod = TestPods.Build(
            TestPods.Plain with { Builder = new BuilderSpec { Registries = TestPods.Registries } },
            BuilderProfile.Baseline);
        var annotations = pod["metadata"]!["annotations"]!;
        Assert.Equal(TestCertificate.Pem, (string?)annotations["runnerscaler.io/registry-ca-1"]);
        Assert.Contains("/etc/buildkit/registry-ca-1.crt", Mounts(TestPods.Sidecar(pod)));
        Assert.Contains("/etc/docker/certs.d", Mounts(TestPods.Runner(pod)));
        AssertJson("""
            {"name":"runnerscaler-registry-ca","downwardAPI":{"items":[{"path":"registry.acme.io:5000/ca.crt",
              "fieldRef":{"fieldPath":"metadata.annotations['runnerscaler.io/registry-ca-1']"}}]}}
            """, Volume(pod, "runnerscaler-registry-ca"));
        Assert.Contains(
            "ca = [\"/etc/buildkit/registry-ca-1.crt\"]",
            (string?)annotations["runnerscaler.io/buildkitd.toml"],
            StringComparison.Ordinal);
    }

    [Fact]
    public void ASlotsPodHasTheSlotsVolumeAndACopyIsThePodsOwn()
    {
        var wishes = TestPods.Plain with { Builder = new BuilderSpec { Cache = TestPods.Slots } };
        var pod = TestPods.Build(wishes, BuilderProfile.Baseline, slot: 7);
        Assert.Equal(
            "linux-7-cache", (string?)Volume(pod, "buildkit-state")["persistentVolumeClaim"]!["claimName"]);
        Assert.Equal(["buildkit-cache", "buildkitd"], Names(pod["spec"]!["initContainers"]!));
        Assert.Contains(
            TestPods.Sidecar(pod)["volumeMounts"]!.AsArray(), m => (string?)m!["subPath"] == "host-users");
        AssertJson("""
            {"ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],
              "resources":{"requests":{"storage":"50Gi"} },"storageClassName":"fast",
              "dataSource":{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"warm"}}}},
             "name":"buildkit-state"}
            """, Volume(
                TestPods.Build(
                    TestPods.Plain with { Builder = new BuilderSpec { Cache = TestPods.Clone } },
                    BuilderProfile.UserNamespaces),
                "buildkit-state"));
    }

    [Fact]
    public void ASlotsVolumeBelongsToThePoolAndToOnePodAtATime() => AssertJson("""
        {"apiVersion":"v1","kind":"PersistentVolumeClaim",
         "metadata":{"name":"linux-7-cache","namespace":"ci",
           "labels":{"app.kubernetes.io/managed-by":"runnerscaler","runnerscaler.io/pool":"linux"},
           "ownerReferences":[{"apiVersion":"runnerscaler.io/v1alpha1","kind":"RunnerPool","name":"linux",
             "uid":"pool-uid","controller":true,"blockOwnerDeletion":false}]},
         "spec":{"accessModes":["ReadWriteOncePod"],"resources":{"requests":{"storage":"50Gi"}},
           "storageClassName":"fast"}}
        """, CacheVolume.Claim(new("ci", "linux"), "pool-uid", 7, TestPods.Slots));

    [Fact]
    public void SharedDaemonsAreReachedFromTheRunnerAlone()
    {
        var pod = TestPods.Build(
            TestPods.Plain with { Builder = new BuilderSpec { Mode = BuilderMode.Shared, Shared = TestPods.Shared } },
            null);
        Assert.Null(pod["spec"]!["initContainers"]);
        var variables = TestPods.Variables(pod);
        Assert.Equal("tcp://a:1,tcp://b:1", variables["RUNNERSCALER_BUILDER_ADDRESSES"]);
        Assert.Equal("/var/run/secrets/runnerscaler-builder", variables["RUNNERSCALER_BUILDER_TLS"]);
        Assert.Equal("Refuse", variables["RUNNERSCALER_BUILDER_FORKS"]);
        Assert.Equal("buildkit-client", (string?)Volume(pod, "runnerscaler-builder")["secret"]!["secretName"]);
        Assert.Contains("/var/run/secrets/runnerscaler-builder", Mounts(TestPods.Runner(pod)));
    }

    [Fact]
    public void CredentialsReachTheRunnerAndNothingElse()
    {
        foreach (var (name, wishes, profile) in TestPods.All)
        {
            var pod = TestPods.Build(
                wishes, profile, """{"spec":{"containers":[{"name":"other","image":"x"}]}}""");
            var others = pod["spec"]!["initContainers"] is JsonArray inits ? inits.ToList() : [];
            others.Add(pod["spec"]!["containers"]!.AsArray().Single(c => (string?)c!["name"] == "other"));
            Assert.All(others, c => Assert.DoesNotContain(
                Mounts(c!.AsObject()), m => m!.StartsWith("/var/run/secrets", StringComparison.Ordinal)));
            var mounts = Mounts(TestPods.Runner(pod)).ToList();
            Assert.Equal(wishes.Deploy is not null, mounts.Contains("/var/run/secrets/runnerscaler-deploy"));
            Assert.Equal(
                wishes.RegistryCredentialsSecret is not null,
                mounts.Contains("/var/run/secrets/runnerscaler-registry"));
            Assert.False((bool?)pod["spec"]!["automountServiceAccountToken"], name);
            Assert.Equal(
                wishes.Deploy?.ServiceAccountName ?? "default", (string?)pod["spec"]!["serviceAccountName"]);
        }
    }

    [Fact]
    public void DeployingTakesAShortTokenAndAKubeconfigThatNamesIt()
    {
        var pod = TestPods.Build(TestPods.Plain with { Deploy = new("deployer", "prod") }, BuilderProfile.Baseline);
        AssertJson("""
            {"name":"runnerscaler-deploy","projected":{"sources":[
              {"serviceAccountToken":{"expirationSeconds":3600,"path":"token"}},
              {"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
              {"downwardAPI":{"items":[{"path":"kubeconfig",
                "fieldRef":{"fieldPath":"metadata.annotations['runnerscaler.io/kubeconfig']"}}]}}]}}
            """, Volume(pod, "runnerscaler-deploy"));
        Assert.Equal("/var/run/secrets/runnerscaler-deploy/kubeconfig", TestPods.Variables(pod)["KUBECONFIG"]);
        var config = JsonNode.Parse((string)pod["metadata"]!["annotations"]!["runnerscaler.io/kubeconfig"]!)!;
        Assert.Equal("prod", (string?)config["contexts"]![0]!["context"]!["namespace"]);
        Assert.Equal(
            "/var/run/secrets/runnerscaler-deploy/token", (string?)config["users"]![0]!["user"]!["tokenFile"]);
    }

    [Fact]
    public void ATemplateMayChangeThePartsOfTheBuilder()
    {
        var pod = TestPods.Build(TestPods.Plain, BuilderProfile.Baseline, """
            {"spec":{"terminationGracePeriodSeconds":600,
              "initContainers":[{"name":"buildkitd","env":[{"name":"HTTPS_PROXY","value":"http://proxy"}]},
                {"name":"mine","image":"x"}],
              "volumes":[{"name":"buildkit-state","hostPath":{"path":"/fast"}}]}}
            """);
        Assert.Equal(["buildkitd", "mine"], Names(pod["spec"]!["initContainers"]!));
        Assert.Equal("HTTPS_PROXY", (string?)TestPods.Sidecar(pod)["env"]![0]!["name"]);
        Assert.Equal("buildkit@sha256:x", (string?)TestPods.Sidecar(pod)["image"]);
        Assert.Equal("/fast", (string?)Volume(pod, "buildkit-state")["hostPath"]!["path"]);
        Assert.Equal("600", TestPods.Variables(pod)["RUNNERSCALER_GRACE_SECONDS"]);
    }

    [Theory]
    [InlineData("""{"spec":{"initContainers":null,"volumes":null,"securityContext":null,"containers":null}}""")]
    [InlineData("""{"spec":{"securityContext":{"supplementalGroups":[5]}}}""")]
    [InlineData("""{"metadata":{"annotations":null}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"runner","volumeMounts":null,"env":null,"ports":null}]}}""")]
    public void NoTemplateCanTakeAwayWhatTheBuilderNeeds(string template)
    {
        var pod = TestPods.Build(TestPods.Plain, BuilderProfile.Baseline, template);
        Assert.NotNull(TestPods.Sidecar(pod));
        Assert.Equal(
            ["buildkit-files", "buildkit-socket", "buildkit-state", "runnerscaler-claim"],
            Names(pod["spec"]!["volumes"]!).Order());
        Assert.Contains(
            pod["spec"]!["securityContext"]!["supplementalGroups"]!.AsArray(), g => g!.ToJsonString() == "1000");
        Assert.NotNull(pod["metadata"]!["annotations"]!["runnerscaler.io/buildkitd.toml"]);
        Assert.Contains("/run/buildkit", Mounts(TestPods.Runner(pod)));
        Assert.Equal("Sidecar", TestPods.Variables(pod)["RUNNERSCALER_BUILDER_MODE"]);
    }

    private static void AssertJson(string expected, JsonNode actual)
    {
        if (!JsonNode.DeepEquals(JsonNode.Parse(expected), actual))
            Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual.ToJsonString());
    }

    private static JsonObject Without(JsonObject fields, string name)
    {
        var copy = (JsonObject)fields.DeepClone();
        copy.Remove(name);
        return copy;
    }

    private static JsonObject Volume(JsonObject pod, string name) =>
        pod["spec"]!["volumes"]!.AsArray().Single(v => (string?)v!["name"] == name)!.AsObject();

    private static IEnumerable<string?> Mounts(JsonObject container) =>
        (container["volumeMounts"] as JsonArray ?? []).Select(m => (string?)m!["mountPath"]);

    private static IEnumerable<string?> Names(JsonNode list) => list.AsArray().Select(e => (string?)e!["name"]);

    private static IEnumerable<string?> Texts(JsonNode list) => list.AsArray().Select(e => (string?)e);
}
