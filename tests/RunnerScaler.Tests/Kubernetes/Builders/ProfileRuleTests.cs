using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class ProfileRuleTests
{
    private static readonly BuilderDefaults Defaults = new("image@sha256:x", "1", "1Gi", "", "", "20Gi");

    [Theory]
    [InlineData("1.36", "6.8", "1.36", true, "linux", "UserNamespaces", "Every Linux node")]
    [InlineData("1.35", "6.3", "1.33", true, "linux", "UserNamespaces", "Every Linux node")]
    [InlineData("2.0", "7.0", "2.0", true, "linux", "UserNamespaces", "Every Linux node")]
    [InlineData("1.34", "6.8", "1.34", true, "linux", "Baseline", "before 1.35, Pod Security")]
    [InlineData("1.29", "6.8", "1.29", true, "linux", "Baseline", "The API server is Kubernetes 1.29")]
    [InlineData("1.36", "6.2", "1.36", true, "linux", "Baseline", "Node 'b' has kernel 6.2, and 6.3 is needed")]
    [InlineData("1.36", "5.15", "1.36", true, "linux", "Baseline", "Node 'b' has kernel 5.15")]
    [InlineData("1.36", "", "1.36", true, "linux", "Baseline", "Node 'b' has kernel of an unknown release")]
    [InlineData("1.36", "6.8", "1.32", true, "linux", "Baseline", "Node 'b' has kubelet 1.32, and 1.33 is needed")]
    [InlineData("1.36", "6.8", "1.36", false, "linux", "Baseline", "Node 'b' does not report user namespaces")]
    [InlineData("1.36", "6.2", "1.20", false, "windows", "UserNamespaces", "Every Linux node")]
    public void TheStrictestProfileThatEveryNodeCanIsChosen(
        string server, string kernel, string kubelet, bool namespaces, string system, string profile, string why)
    {
        var other = Good("b") with
        {
            Kernel = Release.Parse(kernel),
            Kubelet = Release.Parse(kubelet),
            UserNamespaces = namespaces,
            System = system,
        };
        var chosen = Selected(new BuilderSpec(), null, Cluster(server, Good("a"), other));
        Assert.Equal((profile, profile), (chosen.Profile.ToString(), chosen.Reason));
        Assert.Contains(why, chosen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyNodesThatTheSelectorMatchesCount()
    {
        var cluster = Cluster("1.36", Good("new") with { Labels = Labels(("disk", "ssd")) }, Bad("old"));
        Assert.Equal(BuilderProfile.Baseline, Selected(new BuilderSpec(), null, cluster).Profile);
        Assert.Equal(BuilderProfile.UserNamespaces, Selected(new BuilderSpec(), Selector("ssd"), cluster).Profile);
        var none = Selected(new BuilderSpec(), Selector("tape"), cluster);
        Assert.Equal(BuilderProfile.Baseline, none.Profile);
        Assert.StartsWith("No Linux node matches", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotKnownIsNotGuessed()
    {
        var unknown = new ClusterFacts(new(1, 36), new NodeReading.Unknown("the API server answered: forbidden"));
        var chosen = Selected(new BuilderSpec(), null, unknown);
        Assert.Equal(BuilderProfile.Baseline, chosen.Profile);
        Assert.Contains("the API server answered: forbidden", chosen.Message, StringComparison.Ordinal);
        var template = JsonNode.Parse("""{"spec":{"runtimeClassName":"kata"}}""")!.AsObject();
        Assert.Contains(
            "runtime class",
            Selected(new BuilderSpec(), template, Cluster("1.36", Good("a"))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Compatible", "1.36")]
    [InlineData("Baseline", "1.36")]
    [InlineData("UserNamespaces", "1.33")]
    public void WhoAsksForAProfileGetsIt(string name, string server)
    {
        var profile = Enum.Parse<BuilderProfile>(name);
        var chosen = Selected(new BuilderSpec { Profile = profile }, null, Cluster(server, Bad("a")));
        Assert.Equal((profile, "spec.builder.profile asks for it."), (chosen.Profile, chosen.Message));
    }

    [Theory]
    [InlineData("1.28", null, "set spec.builder.mode to None or Shared, or upgrade")]
    [InlineData("1.20", "Baseline", "set spec.builder.mode to None or Shared, or upgrade")]
    [InlineData("1.32", "UserNamespaces", "set Baseline, or upgrade")]
    public void WhatTheServerWouldSilentlyDropIsRefused(string server, string? profile, string sentence)
    {
        var builder = new BuilderSpec
        {
            Profile = profile is null ? null : Enum.Parse<BuilderProfile>(profile),
        };
        Assert.Contains(sentence, Refused(builder, Defaults, Cluster(server, Good("a"))), StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAnImageThereIsNoSidecar()
    {
        var nothing = Defaults with { Image = "" };
        var cluster = Cluster("1.36", Good("a"));
        Assert.Contains(
            "Kubernetes:BuilderImage", Refused(new BuilderSpec(), nothing, cluster), StringComparison.Ordinal);
        Assert.IsType<BuilderChoice.Selected>(
            ProfileRule.Choose(new BuilderSpec { Image = "mine@sha256:y" }, null, nothing, cluster));
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Shared")]
    public void WithoutASidecarNothingIsAskedOfTheCluster(string mode)
    {
        var chosen = Selected(new BuilderSpec { Mode = Enum.Parse<BuilderMode>(mode) }, null, Cluster("1.20"));
        Assert.Equal((null, mode), (chosen.Profile, chosen.Reason));
    }

    [Fact]
    public void AnotherNodeNeverMakesMoreOfTheProfile() =>
        Gen.Select(Node, Node.Array[0, 4], Server).Sample((more, all, server) =>
        {
            var before = Selected(new BuilderSpec(), null, Cluster(server, all));
            var after = Selected(new BuilderSpec(), null, Cluster(server, [.. all, more]));
            if (all.Any(n => n.System == "linux") && before.Profile == BuilderProfile.Baseline)
                Assert.Equal(BuilderProfile.Baseline, after.Profile);
        });

    [Theory]
    [InlineData("v1.36.2", 1, 36)]
    [InlineData("1.35+", 1, 35)]
    [InlineData("6.18.0-rc1", 6, 18)]
    [InlineData("v1.30.4-gke.129", 1, 30)]
    public void ReleasesAreRead(string text, int major, int minor) =>
        Assert.Equal(new Release(major, minor), Release.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("v1")]
    [InlineData("one.two")]
    [InlineData("1.99999999999999999999")]
    public void OtherTextsAreNoReleases(string? text) => Assert.Null(Release.Parse(text));

    private static readonly Gen<string> Server = Gen.Int[29, 40].Select(minor => $"1.{minor}");

    private static readonly Gen<NodeFacts> Node =
        Gen.Select(Gen.Int[1, 9], Gen.Int[28, 40], Gen.Bool, Gen.Bool.Select(linux => linux ? "linux" : "windows"))
            .Select((kernel, kubelet, namespaces, system) => Good("n") with
            {
                Kernel = new Release(6, kernel),
                Kubelet = new Release(1, kubelet),
                UserNamespaces = namespaces,
                System = system,
            });

    private static NodeFacts Good(string name) => new(name, Labels(), "linux", new(6, 8), new(1, 36), true);

    private static NodeFacts Bad(string name) => Good(name) with { UserNamespaces = false };

    private static ImmutableDictionary<string, string> Labels(params (string Name, string Value)[] labels) =>
        labels.ToImmutableDictionary(l => l.Name, l => l.Value);

    private static JsonObject Selector(string disk) =>
        JsonNode.Parse($$"""{"spec":{"nodeSelector":{"disk":"{{disk}}"} } }""")!.AsObject();

    private static ClusterFacts Cluster(string server, params NodeFacts[] nodes) =>
        new(Release.Parse(server)!.Value, new NodeReading.Known([.. nodes]));

    private static BuilderChoice.Selected Selected(BuilderSpec builder, JsonObject? template, ClusterFacts cluster) =>
        Assert.IsType<BuilderChoice.Selected>(ProfileRule.Choose(builder, template, Defaults, cluster));

    private static string Refused(BuilderSpec builder, BuilderDefaults defaults, ClusterFacts cluster)
    {
        var refused = Assert.IsType<BuilderChoice.Refused>(ProfileRule.Choose(builder, null, defaults, cluster));
        Assert.Equal((ProblemReason.BuilderUnavailable, false), (refused.Problem.Reason, refused.Problem.Passes));
        return refused.Problem.Message;
    }
}
