using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Integration.Chart;

/// <summary>Who may talk to whom where the values switch policies on.</summary>
public sealed class NetworkPolicyTests
{
    private static readonly string[] ApiServer = ["192.0.2.10/32", "2001:db8::10/128"];

    [Fact]
    public async Task EveryPodOfTheChartHasAPolicyOfItsOwn()
    {
        foreach (var sample in (string[])["everything", "shared-builder"])
        {
            var objects = await RenderAsync(sample);
            var policies = objects.Where(o => o.At("kind") == "NetworkPolicy").ToArray();
            var workloads = objects
                .Where(o => o.At("kind") is "Deployment" or "DaemonSet" or "StatefulSet" or "Job").ToArray();
            Assert.NotEmpty(workloads);
            foreach (var workload in workloads)
            {
                var labels = (YamlMappingNode)workload["spec"]["template"]["metadata"]["labels"];
                var policy = Assert.Single(policies, p =>
                    p.At("metadata", "namespace") == workload.At("metadata", "namespace")
                    && Selects(p, labels));
                Assert.Equal(["Ingress", "Egress"], Texts(policy["spec"]["policyTypes"]));
            }
        }
    }

    /// <summary>A hook before the installation runs before the release's own objects are there.</summary>
    [Fact]
    public async Task AHookBringsItsPolicy()
    {
        var objects = await RenderAsync("everything");
        foreach (var job in objects.Where(o => o.At("kind") == "Job"))
        {
            var policy = Assert.Single(objects, o => o.At("kind") == "NetworkPolicy"
                && o.At("metadata", "name") == job.At("metadata", "name"));
            Assert.Equal(Annotation(job, "helm.sh/hook"), Annotation(policy, "helm.sh/hook"));
            Assert.Equal("-10", Annotation(policy, "helm.sh/hook-weight"));
            Assert.Equal(ApiServer, Blocks(policy).Select(b => b.At("cidr")));
            Assert.Equal(["53", "53", "443", "6443"], Ports(policy));
        }
    }

    [Fact]
    public async Task RunnersReachTheApiServerOnlyWhereTheyDeploy()
    {
        var objects = await RenderAsync("everything");
        var all = objects.Where(o => o.At("kind") == "NetworkPolicy"
            && o.At("metadata", "name") == "runnerscaler-runners").ToArray();
        Assert.Equal(["team-a", "team-b"], all.Select(o => o.At("metadata", "namespace")));
        foreach (var runners in all)
        {
            var (four, six) = (Blocks(runners).First(), Blocks(runners).Last());
            Assert.Equal(("0.0.0.0/0", "::/0"), (four.At("cidr"), six.At("cidr")));
            Assert.Equal(["169.254.0.0/16", ApiServer[0]], Texts(four["except"]));
            Assert.Equal(["fe80::/10", "fd00:ec2::254/128", ApiServer[1]], Texts(six["except"]));
        }
        var deploys = Assert.Single(objects, o => o.At("metadata", "name")!.EndsWith("-deploys"));
        Assert.Equal(
            ("team-b", "arm"),
            (deploys.At("metadata", "namespace"), deploys.At("spec", "podSelector", "matchLabels",
                "runnerscaler.io/pool")));
        Assert.Equal(ApiServer, Blocks(deploys).Select(b => b.At("cidr")));
    }

    [Theory]
    [InlineData("http://proxy.example:3128", "3128")]
    [InlineData("http://proxy.example/", "80")]
    [InlineData("socks5://proxy.example", "1080")]
    [InlineData("https://proxy.example", null)]
    public async Task TheControllerReachesItsProxy(string proxy, string? port)
    {
        var objects = await Helm.RenderAsync("--set", $"networkPolicy.enabled=true,proxy.https={proxy}");
        var controller = objects.Single(o => o.At("kind") == "NetworkPolicy"
            && o.At("spec", "podSelector", "matchLabels", "app.kubernetes.io/component") == "controller");
        string[] proxies = port is null ? [] : [port];
        Assert.Equal(["53", "53", "443", "8080", "8443", "443", .. proxies], Ports(controller));
    }

    /// <summary>It passes questions on to the replica that leads, and asks itself whether claims arrive.</summary>
    [Fact]
    public async Task TheControllerReachesItself()
    {
        var objects = await Helm.RenderAsync("--set", "networkPolicy.enabled=true");
        var spec = objects.Single(o => o.At("kind") == "NetworkPolicy" && IsController(o["spec"]))["spec"];

        Assert.Equal(["8080", "8443"], PortsBetween("egress", "to"));
        Assert.Equal(["8443"], PortsBetween("ingress", "from"));

        static bool IsController(YamlNode peer) =>
            peer.At("podSelector", "matchLabels", "app.kubernetes.io/component") == "controller";

        IEnumerable<string?> PortsBetween(string direction, string peers) =>
            from YamlMappingNode rule in (YamlSequenceNode)spec[direction]
            where rule.Children.TryGetValue(peers, out var list) && ((YamlSequenceNode)list).Any(IsController)
            from port in (YamlSequenceNode)rule["ports"]
            select port.At("port");
    }

    [Theory]
    [InlineData("apiServerAddresses[0]=kubernetes.default.svc")]
    [InlineData("apiServerAddresses[0]=10.0.0.1")]
    [InlineData("runnerEgressExcept[0]=10.0.0.0/8 # all")]
    public async Task WhatIsNoRangeIsToldSo(string value)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Helm.RenderAsync("--set", $"networkPolicy.{value}"));
        Assert.Contains(
            $"networkPolicy.{value.Split('[')[0]} has \"{value.Split('=')[1]}\", which is no range of addresses",
            refusal.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<YamlNode>> RenderAsync(string sample) =>
        Helm.RenderAsync("--values", Path.Combine(Helm.Chart, "ci", $"{sample}.yaml"));

    private static bool Selects(YamlNode policy, YamlMappingNode labels) =>
        policy["spec"]["podSelector"] is YamlMappingNode { Children.Count: 1 } selector
        && selector.Children.TryGetValue("matchLabels", out var wanted)
        && ((YamlMappingNode)wanted).All(l => labels.Children.TryGetValue(l.Key, out var has) && has.Equals(l.Value));

    private static string? Annotation(YamlNode o, string name) => o.At("metadata", "annotations", name);

    private static IEnumerable<YamlNode> Egress(YamlNode policy) => (YamlSequenceNode)policy["spec"]["egress"];

    private static IEnumerable<YamlNode> Blocks(YamlNode policy) =>
        from rule in Egress(policy)
        where rule is YamlMappingNode map && map.Children.ContainsKey("to")
        from to in (YamlSequenceNode)rule["to"]
        where ((YamlMappingNode)to).Children.ContainsKey("ipBlock")
        select to["ipBlock"];

    private static IEnumerable<string?> Ports(YamlNode policy) =>
        from rule in Egress(policy)
        from port in (YamlSequenceNode)rule["ports"]
        select port.At("port");

    private static IEnumerable<string?> Texts(YamlNode list) => ((YamlSequenceNode)list).Select(i => i.At());
}
