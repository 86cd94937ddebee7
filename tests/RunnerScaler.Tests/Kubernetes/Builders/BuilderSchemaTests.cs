using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Kubernetes.Pools;
using RunnerScaler.Tests.Tidy;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>Holds what the schema says of builders and what the reader says together.</summary>
public sealed class BuilderSchemaTests
{
    private const string OneShared = """{"addresses":["tcp://a:1"],"tlsSecret":"s"}""";

    private static readonly YamlMappingNode Spec = Load();

    /// <summary>For each rule of the schema, the start of its message and builders that break it.</summary>
    private static readonly Dictionary<string, string[]> Broken = new(StringComparer.Ordinal)
    {
        ["spec.builder.shared must be set with mode Shared"] =
            ["""{"mode":"Shared"}""", $$"""{"mode":"None","shared":{{OneShared}}}""", $$"""{"shared":{{OneShared}}}"""],
        ["spec.builder has fields that only mode Sidecar has"] =
        [
            .. new[]
            {
                "\"profile\":\"Baseline\"", "\"resources\":{}", "\"stateSize\":\"1Gi\"", "\"appArmorProfile\":\"a\"",
                "\"seccompProfile\":\"a\"", "\"cache\":{\"kind\":\"Slot\",\"size\":\"1Gi\"}",
            }.Select(field => $$"""{"mode":"None",{{field}}}"""),
        ],
        ["spec.builder.registries may not be set with mode None"] = ["""{"mode":"None","registries":[]}"""],
        ["spec.builder.stateSize may not be set with a cache"] =
            ["""{"stateSize":"1Gi","cache":{"kind":"Slot","size":"1Gi"}}"""],
        ["spec.builder.seccompProfile may not be set with profile Compatible"] =
            ["""{"profile":"Compatible","seccompProfile":"a"}"""],
        ["spec.builder.appArmorProfile must be the name of a profile"] = ["""{"appArmorProfile":"UNCONFINED"}"""],
        ["ca may not be set with http"] = [$$"""{"registries":[{"host":"a","http":true,"ca":{{Pem}}}]}"""],
        ["spec.builder.cache.snapshot must be set with kind Clone"] =
        [
            """{"cache":{"kind":"Clone","size":"1Gi"}}""",
            """{"cache":{"kind":"Slot","size":"1Gi","snapshot":"s"}}""",
        ],
    };

    private static string Pem => System.Text.Json.JsonSerializer.Serialize(TestCertificate.Pem);

    [Theory]
    [InlineData("builder.image", SpecPatterns.Image)]
    [InlineData("builder.resources.requests.cpu", SpecPatterns.Amount)]
    [InlineData("builder.resources.requests.memory", SpecPatterns.Amount)]
    [InlineData("builder.resources.requests.ephemeral-storage", SpecPatterns.Amount)]
    [InlineData("builder.resources.limits.cpu", SpecPatterns.Amount)]
    [InlineData("builder.resources.limits.memory", SpecPatterns.Amount)]
    [InlineData("builder.resources.limits.ephemeral-storage", SpecPatterns.Amount)]
    [InlineData("builder.stateSize", SpecPatterns.Size)]
    [InlineData("builder.appArmorProfile", SpecPatterns.AppArmor)]
    [InlineData("builder.seccompProfile", SpecPatterns.File)]
    [InlineData("builder.registries[].host", SpecPatterns.Host)]
    [InlineData("builder.registries[].mirrors[]", SpecPatterns.Mirror)]
    [InlineData("builder.cache.snapshot", SpecPatterns.ObjectName)]
    [InlineData("builder.cache.storageClass", SpecPatterns.ObjectName)]
    [InlineData("builder.cache.size", SpecPatterns.Size)]
    [InlineData("builder.shared.addresses[]", SpecPatterns.Address)]
    [InlineData("builder.shared.tlsSecret", SpecPatterns.ObjectName)]
    [InlineData("deploy.serviceAccountName", SpecPatterns.ObjectName)]
    [InlineData("deploy.namespace", SpecPatterns.NamespaceName)]
    [InlineData("registryCredentialsSecret", SpecPatterns.ObjectName)]
    public void TheFormsAreLetterForLetterTheSame(string field, string pattern) =>
        Assert.Equal(pattern, Field(field).Children["pattern"].ToString());

    [Theory]
    [InlineData("builder.mode", typeof(BuilderMode))]
    [InlineData("builder.profile", typeof(BuilderProfile))]
    [InlineData("builder.cache.kind", typeof(CacheKind))]
    public void TheWordsAreTheSame(string field, Type words) =>
        Assert.Equal(
            Enum.GetNames(words), ((YamlSequenceNode)Field(field).Children["enum"]).Select(w => w.ToString()));

    [Fact]
    public void EveryRuleOfTheSchemaIsTheReadersToo()
    {
        var messages = Messages(Field("builder")).Concat(Messages(Field("deploy"))).ToList();
        Assert.Equal(Broken.Count, messages.Count);
        foreach (var (message, builders) in Broken)
        {
            Assert.Contains(messages, m => m.StartsWith(message, StringComparison.Ordinal));
            foreach (var builder in builders)
                Assert.Equal(
                    (builder, ProblemReason.SpecInvalid),
                    (builder, PoolJson.Read(PoolJson.With("builder", builder)).Problem?.Reason));
        }
    }

    private static IEnumerable<string> Messages(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(child => child.Key.ToString() == "x-kubernetes-validations"
            ? ((YamlSequenceNode)child.Value).Select(rule => rule["message"].ToString())
            : Messages(child.Value)),
        YamlSequenceNode list => list.SelectMany(Messages),
        _ => [],
    };

    private static YamlMappingNode Field(string field)
    {
        var node = Spec;
        foreach (var step in field.Split('.'))
        {
            node = (YamlMappingNode)node["properties"][step.TrimEnd('[', ']')];
            if (step.EndsWith("[]", StringComparison.Ordinal))
                node = (YamlMappingNode)node["items"];
        }
        return node;
    }

    private static YamlMappingNode Load()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Files.Single(f => f.Path == "deploy/crds/runnerpools.yaml").Text));
        var root = yaml.Documents[0].RootNode;
        return (YamlMappingNode)root["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    }
}
