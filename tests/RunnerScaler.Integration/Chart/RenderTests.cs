using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Integration.Chart;

/// <summary>What the chart makes of values, good and bad.</summary>
public sealed class RenderTests
{
    [Fact]
    public async Task ThreeValuesAreEnoughForAPool()
    {
        var objects = await Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", "quick-start.yaml"));
        var pool = Assert.Single(objects, o => o.At("kind") == "RunnerPool");

        Assert.Equal(
            ("linux", "runnerscaler", "https://github.com/acme", "10"),
            (pool.At("metadata", "name"), pool.At("metadata", "namespace"),
                pool.At("spec", "github", "serves", 0, "url"), pool.At("spec", "limits", "maxRunners")));
        Assert.Equal(["self-hosted", "linux", "x64"], Enumerable.Range(0, 3).Select(i => pool.At("spec", "labels", i)));
        var secret = Assert.Single(objects, o => o.At("kind") == "Secret");
        Assert.Equal(secret.At("metadata", "name"), pool.At("spec", "github", "credentialsSecret"));
        Assert.Equal("12345678", secret.At("stringData", "app_id"));
    }

    [Fact]
    public async Task EachNamespaceOfPoolsHasItsCredentialAndItsRights()
    {
        var objects = await Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", "everything.yaml"));

        // Of the two pools, that of team-b names another credential. The controller's own is the webhook's.
        Assert.Equal(["runnerscaler", "team-a", "team-b"], Namespaces("Secret"));
        Assert.Equal(
            ["other", "runnerscaler-github", "runnerscaler-webhook"],
            objects.Where(o => o.At("kind") == "Secret").Select(o => o.At("metadata", "name")).Order());
        Assert.Equal(["runnerscaler", "team-a", "team-b"], Namespaces("RoleBinding"));
        Assert.DoesNotContain(
            objects, o => o.At("kind") == "ClusterRoleBinding" && o.At("roleRef", "name")!.EndsWith("-pools"));

        IEnumerable<string?> Namespaces(string kind) =>
            from o in objects
            where o.At("kind") == kind && o.At("metadata", "annotations", "helm.sh/hook") is null
            let ns = o.At("metadata", "namespace")
            orderby ns
            select ns;
    }

    [Fact]
    public async Task DashboardsAndAlertsAreAsTheValuesSay()
    {
        var objects = await Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", "everything.yaml"));
        var dashboards = objects.Where(o => o.At("metadata", "labels", "grafana_dashboard") == "1").ToArray();
        Assert.Equal(4, dashboards.Length);
        Assert.All(dashboards, d => Assert.Equal(
            ("ConfigMap", "grafana", "CI"),
            (d.At("kind"), d.At("metadata", "namespace"), d.At("metadata", "annotations", "grafana_folder"))));
        var objectives = dashboards.Select(d => JsonNode.Parse(((YamlMappingNode)d["data"]).Single().Value.ToString()))
            .SelectMany(d => d!["templating"]!["list"]!.AsArray()).Where(v => (string?)v!["name"] == "objective");
        Assert.Equal(["120", "120"], objectives.Select(v => (string?)v!["current"]!["value"]));
        var rule = Assert.Single(objects, o => o.At("kind") == "PrometheusRule");
        Assert.Equal("prometheus", rule.At("metadata", "labels", "release"));
        var rules = ((YamlSequenceNode)rule["spec"]["groups"]).SelectMany(g => (YamlSequenceNode)g["rules"]).ToArray();
        Assert.DoesNotContain(rules, r => r.At("alert") == "RunnerScalerJobWaitsLong");
        Assert.All(rules, r => Assert.Equal("ci", r.At("labels", "team")));
        Assert.All(rules, r => Assert.StartsWith(
            "https://wiki.example/runnerscaler#", r.At("annotations", "runbook_url"), StringComparison.Ordinal));
        var burns = rules.Single(r => r.At("alert") == "RunnerScalerWaitObjectiveBurnsFast").At("expr")!;
        Assert.Contains("le=~\"120(", burns, StringComparison.Ordinal);
        Assert.Contains("(1 - 90 / 100)", burns, StringComparison.Ordinal);
        Assert.DoesNotContain("95", burns, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThePoolsNamespaceIsNotRenamedByTheOperator()
    {
        var objects = await Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", "everything.yaml"));
        var monitor = Assert.Single(objects, o => o.At("kind") == "ServiceMonitor");
        Assert.Equal("true", monitor.At("spec", "endpoints", 0, "honorLabels"));
    }

    [Theory]
    [InlineData("GitHub:ReadShare=0.5", "RUNNERSCALER__GitHub__ReadShare", "0.5")]
    [InlineData("Control:WriteParallelism=32", "RUNNERSCALER__Control__WriteParallelism", "32")]
    [InlineData("GitHub:CacheBytes=134217728", "RUNNERSCALER__GitHub__CacheBytes", "134217728")]
    [InlineData("Control:Resync=30s", "RUNNERSCALER__Control__Resync", "30s")]
    public async Task AnOptionArrivesAsItIsWritten(string option, string variable, string value)
    {
        var parts = option.Split('=');
        var values = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            values, $"options:\n  {parts[0]}: {parts[1]}\n", TestContext.Current.CancellationToken);
        var objects = await Helm.RenderAsync("--values", values);
        File.Delete(values);
        var env = (YamlSequenceNode)objects.Single(o => o.At("kind") == "Deployment")["spec"]["template"]["spec"][
            "containers"][0]["env"];
        Assert.Equal(value, env.Single(v => v.At("name") == variable).At("value"));
    }

    [Fact]
    public async Task AProxyIsTheControllersAndThePods()
    {
        var objects = await Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", "everything.yaml"));
        var env = (YamlSequenceNode)objects.Single(o => o.At("kind") == "Deployment")["spec"]["template"]["spec"][
            "containers"][0]["env"];
        foreach (var name in (string[])["HTTP_PROXY", "HTTPS_PROXY", "RUNNERSCALER__Kubernetes__PodHttpProxy",
            "RUNNERSCALER__Kubernetes__PodHttpsProxy"])
            Assert.Equal("http://proxy.example:3128", env.Single(v => v.At("name") == name).At("value"));
        foreach (var name in (string[])["NO_PROXY", "RUNNERSCALER__Kubernetes__PodNoProxy"])
            Assert.Equal(
                "10.0.0.0/8,ghe.example.com,localhost,127.0.0.1,::1,.svc,.cluster.local",
                env.Single(v => v.At("name") == name).At("value"));
    }

    [Fact]
    public async Task EachPodFindsThePullSecrets()
    {
        const string own = "pools.images.template.spec.imagePullSecrets[0].name=own";
        string[] values = ["--values", Path.Combine(Helm.Chart, "ci", "shared-builder.yaml"),
            "--set", "images.pullSecrets={pull}", "--set", "pools.images.template.spec.hostNetwork=false"];
        var objects = await Helm.RenderAsync(values);

        var workloads = objects.Where(o => IsWorkload(o) || o.At("kind") == "StatefulSet").ToArray();
        Assert.Equal(
            ["DaemonSet", "Deployment", "Job", "StatefulSet"],
            workloads.Select(w => w.At("kind")).Distinct().Order());
        Assert.All(workloads, w => Assert.Equal(
            "pull", w.At("spec", "template", "spec", "imagePullSecrets", 0, "name")));
        var pools = objects.Where(o => o.At("kind") == "RunnerPool").ToArray();
        Assert.All(pools, p => Assert.Equal("pull", p.At("spec", "template", "spec", "imagePullSecrets", 0, "name")));
        Assert.Equal("false", Pool(objects).At("spec", "template", "spec", "hostNetwork"));
        var changed = Pool(await Helm.RenderAsync([.. values, "--set", own]));
        var kept = (YamlSequenceNode)changed["spec"]["template"]["spec"]["imagePullSecrets"];
        Assert.Equal("own", Assert.Single(kept).At("name"));
        foreach (var empty in (string[])["template=null", "template={\"spec\":null}"])
        {
            var bare = Pool(await Helm.RenderAsync([.. values[..4], "--set-json", $"pools.images.{empty}"]));
            Assert.Equal("pull", bare.At("spec", "template", "spec", "imagePullSecrets", 0, "name"));
        }

        static YamlNode Pool(IEnumerable<YamlNode> all) =>
            all.Single(o => o.At("kind") == "RunnerPool" && o.At("metadata", "name") == "images");
    }

    [Fact]
    public async Task NothingIsPrivileged()
    {
        foreach (var sample in Helm.Samples)
            foreach (var workload in (await Helm.RenderAsync("--values", sample)).Where(IsWorkload))
            {
                var pod = workload["spec"]["template"]["spec"];
                var name = $"{workload.At("kind")} {workload.At("metadata", "name")} of {Path.GetFileName(sample)}";
                Assert.True(pod.At("hostNetwork") is null && pod.At("hostPID") is null, name);
                Assert.True(pod.At("securityContext", "seccompProfile", "type") == "RuntimeDefault", name);
                var container = Assert.IsType<YamlMappingNode>(pod["containers"][0]);
                Assert.Equal(
                    ("false", "true", "ALL"),
                    (container.At("securityContext", "allowPrivilegeEscalation"),
                        container.At("securityContext", "readOnlyRootFilesystem"),
                        container.At("securityContext", "capabilities", "drop", 0)));
                Assert.NotNull(container.At("resources", "limits", "memory"));
                CheckTheKind(workload, pod, container);
            }
    }

    [Fact]
    public async Task HooksRunWhenAndWhereTheyShould()
    {
        var objects = await Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", "everything.yaml"));
        var hooks = objects.Where(o => Hook(o, "") is not null).ToList();
        Assert.Equal(4, hooks.Count(o => o.At("kind") == "Job"));
        foreach (var hook in hooks)
        {
            var isJob = hook.At("kind") == "Job";
            Assert.Equal(isJob ? "0" : "-10", Hook(hook, "-weight"));
            Assert.StartsWith("before-hook-creation", Hook(hook, "-delete-policy"));
        }
        Assert.Equal("pre-install,pre-upgrade,pre-rollback", Hook(JobOf("apply-crds"), ""));
        Assert.Equal("pre-delete", Hook(JobOf("uninstall"), ""));
        Assert.Equal("test", Hook(JobOf("test"), ""));
        Assert.Equal("test", Hook(JobOf("test-doctor"), ""));
        foreach (var (job, deadline) in (ReadOnlySpan<(string, int)>)[("apply-crds", 180), ("uninstall", 120)])
            Assert.Equal($"{deadline}", JobOf(job).At("spec", "activeDeadlineSeconds"));
        var right = Assert.Single(hooks, o => o.At("kind") == "ClusterRole" && o.At("rules", 0, "apiGroups", 0)
            == "apiextensions.k8s.io");
        Assert.Equal("runnerpools.runnerscaler.io", right.At("rules", 0, "resourceNames", 0));

        YamlNode JobOf(string name) => hooks.Single(o => o.At("kind") == "Job"
            && o.At("metadata", "labels", "app.kubernetes.io/component") == name);

        static string? Hook(YamlNode o, string what) => o.At("metadata", "annotations", $"helm.sh/hook{what}");
    }

    /// <summary>One folder of the node for the profile's DaemonSet, which is asked nothing; else none.</summary>
    private static void CheckTheKind(YamlNode workload, YamlNode pod, YamlNode container)
    {
        if (workload.At("kind") == "DaemonSet")
        {
            Assert.EndsWith("/seccomp/profiles", pod.At("volumes", 1, "hostPath", "path"));
            Assert.Equal("false", pod.At("automountServiceAccountToken"));
            return;
        }
        Assert.DoesNotContain("hostPath", pod.ToString());
        Assert.Equal("true", pod.At("securityContext", "runAsNonRoot"));
        if (workload.At("kind") == "Job")
            return;
        foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
            Assert.NotNull(container.At(probe, "httpGet", "path"));
    }

    [Theory]
    [InlineData("nonsense=1", "'nonsense' not allowed")]
    [InlineData("github.appId=5", "github.appId needs the App's private key")]
    [InlineData("github.privateKey=x", "github.privateKey needs github.appId")]
    [InlineData("github.appId=5,github.privateKey=x", "github.privateKey is no PEM file")]
    [InlineData("github.appId=my-app,github.privateKey=-----BEGIN X", "github.appId must be the App's number")]
    [InlineData("github.token=a,github.appId=5", "github.token and github.appId/github.privateKey exclude each other")]
    [InlineData("github.token=a,github.existingSecret=b", "github.existingSecret is set")]
    [InlineData("pools.a.limits.maxRunners=3", "pools.a.serves is missing")]
    [InlineData("pools.a.github.serves=x", "'github' not allowed")]
    [InlineData("pools.A.serves[0].url=x", "'A' does not match")]
    [InlineData("pools.a.serves[0].url=x,pools.a.nonsense=1", "'nonsense' not allowed")]
    [InlineData("pools.a.serves[0].url=x,namespaces[0]=b", "pools.a is in namespace runnerscaler, which is not one of")]
    [InlineData("credentials.a.token=b,credentials.a.appId=5", "credentials.a.token and credentials.a.appId/")]
    [InlineData("credentials.a.appId=5", "credentials.a.appId needs the App's private key")]
    [InlineData("credentials.a.installationId=5", "credentials.a is empty: set token, or appId and privateKey")]
    [InlineData("credentials.a.nonsense=5", "'nonsense' not allowed")]
    [InlineData("proxy.https=proxy:3128", "proxy.https is no address of a proxy")]
    [InlineData("extraCertificates=x", "extraCertificates holds no certificate in PEM form")]
    [InlineData("uninstall.waitSeconds=250", "uninstall.waitSeconds is 250: set 5 to 200")]
    [InlineData("replicas=two", "got string, want integer")]
    [InlineData("metrics.prometheusRule.waitObjective.seconds=61", "value must be one of")]
    [InlineData("images.pullPolicy=Sometimes", "value must be one of")]
    public async Task AWrongValueIsToldInASentence(string values, string sentence)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Helm.RenderAsync("--set", values));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClusterThatIsTooOldIsToldSo()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Helm.RenderAsync("--kube-version", "1.28.15"));

        Assert.Contains("requires kubeVersion: >=1.29.0-0", refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await Helm.RenderAsync("--kube-version", "1.29.0-eks-1"));
    }

    [Fact]
    public async Task HelmFindsNothingToComplainOf()
    {
        foreach (var sample in Helm.Samples)
            await Helm.RunAsync("lint", "--strict", Helm.Chart, "--values", sample);
    }

    private static bool IsWorkload(YamlNode o) => o.At("kind") is "Deployment" or "DaemonSet" or "Job";
}
