using System.Text.RegularExpressions;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Tests.Kubernetes.Pools;

/// <summary>Holds the schema of <c>deploy/crds</c> and its reading in C# together.</summary>
public sealed class CrdTests
{
    private static readonly YamlMappingNode Schema = Load();

    [Fact]
    public void EveryFieldOfTheSchemaIsReadAndEveryFieldThatIsReadIsInTheSchema()
    {
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var spec in (string[])[PoolJson.Full, PoolJson.Shared])
        {
            var reading = new SpecReading();
            RunnerPoolReader.ReadWhole(PoolJson.Parse(PoolJson.Object(spec)), reading);
            Assert.Null(reading.Problem);
            fields.UnionWith(reading.Fields);
        }
        Assert.Equal(Fields(At(Schema, "properties", "spec"), "spec").Order(StringComparer.Ordinal), fields);
    }

    [Theory]
    [InlineData("limits.maxRunners")]
    [InlineData("limits.maxRunnersPerRepository")]
    [InlineData("priority")]
    [InlineData("warm.schedules[].standby")]
    public void TheBoundsOfNumbersAreTheSame(string field)
    {
        var node = Field(field);
        foreach (var (bound, step) in new[] { ("minimum", -1), ("maximum", 1) })
        {
            var limit = int.Parse(Text(node, bound), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Null(Problem(field, limit));
            Assert.NotNull(Problem(field, limit + step));
        }
    }

    [Theory]
    [InlineData("github.serves", 50)]
    [InlineData("labels", 100)]
    public void TheBoundsOfListsAreTheSame(string field, int most)
    {
        Assert.Equal("1", Text(Field(field), "minItems"));
        Assert.Equal(most.ToString(System.Globalization.CultureInfo.InvariantCulture), Text(Field(field), "maxItems"));
        string Items(int count) => "[" + string.Join(",", Enumerable.Range(0, count).Select(i =>
            field == "labels" ? $"\"l{i}\"" : $$"""{"url":"https://github.com/org{{i}}"}""")) + "]";
        Assert.Null(PoolJson.Read(PoolJson.With(field, Items(most))).Problem);
        Assert.NotNull(PoolJson.Read(PoolJson.With(field, Items(most + 1))).Problem);
    }

    [Theory]
    [InlineData("deadlines.start", "10m", "1h30m", "90s", "", "10", "m10", "10m1h", "-5m", "1.5h", "5 m")]
    [InlineData("deadlines.assign", "10m", "1h30m", "90s", "", "10", "m10", "10m1h", "-5m", "1.5h", "5 m")]
    [InlineData(
        "warm.schedules[].from", "00:00", "23:59", "08:05", "24:00", "8:00", "08:60", "", "aa:bb", "08:00:00", "0800")]
    public void PatternsAndReadingAgree(string field, params string[] values)
    {
        var pattern = new Regex(Text(Field(field), "pattern"));
        var least = Field(field).Children.TryGetValue("minLength", out var length)
            ? int.Parse(length.ToString(), System.Globalization.CultureInfo.InvariantCulture)
            : 0;
        foreach (var value in values)
            Assert.Equal(
                pattern.IsMatch(value) && value.Length >= least, Problem(field, $"\"{value}\"") is null);
    }

    [Fact]
    public void LabelsAndTheirPatternAgree()
    {
        var pattern = new Regex(Text(At(Field("labels"), "items"), "pattern"));
        foreach (var label in (string[])["a", "a b", "x64", "größe", " a", "a ", "a,b", ",", " ", "a\tb"])
            Assert.Equal(
                pattern.IsMatch(label),
                PoolJson.Read(
                    PoolJson.With("labels", System.Text.Json.JsonSerializer.Serialize(new[] { label })))
                        .Problem is null);
    }

    [Fact]
    public void TheNameRuleKnowsTheLongestName() =>
        Assert.Contains(
            $"size(self.metadata.name) <= {Slot.LongestPoolName}",
            Schema.Children["x-kubernetes-validations"][0]["rule"].ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void TheStatusThatIsWrittenIsInTheSchema()
    {
        var report = new PoolReport
        {
            Generation = 1,
            Conditions = [new PoolCondition("Ready", true, "Fine", "All is well.")],
            Unserved = System.Collections.Immutable.ImmutableDictionary<WaitReason,
                int>.Empty.Add(WaitReason.PoolFull, 3),
        };
        var status = PoolStatusJson.Render(report, [], DateTimeOffset.UnixEpoch);
        Assert.Equal(
            Fields(At(Schema, "properties", "status"), "status").Order(StringComparer.Ordinal),
            Written(status, "status").Order(StringComparer.Ordinal));
    }

    private static Problem? Problem(string field, object value)
    {
        var spec = field.StartsWith("warm.schedules", StringComparison.Ordinal)
            ? PoolJson.With(
                "warm.schedules",
                """[{"from":"01:00","to":"02:00","standby":0}]""",
                PoolJson.With("limits.maxRunners", "10000"))
            : PoolJson.Least;
        return PoolJson.Read(
            PoolJson.With(field.Replace("[]", ".0", StringComparison.Ordinal), value.ToString(), spec)).Problem;
    }

    private static IEnumerable<string> Written(System.Text.Json.Nodes.JsonNode node, string path) => node switch
    {
        System.Text.Json.Nodes.JsonObject fields => fields.SelectMany(
            f => new[] { $"{path}.{f.Key}" }.Concat(f.Value is null ? [] : Written(f.Value, $"{path}.{f.Key}"))),
        System.Text.Json.Nodes.JsonArray items => items.SelectMany(i => Written(i!, path + "[]")),
        _ => [],
    };

    private static IEnumerable<string> Fields(YamlMappingNode node, string path)
    {
        if (node.Children.TryGetValue("items", out var items))
            return Fields((YamlMappingNode)items, path + "[]");
        return node.Children.TryGetValue("properties", out var properties)
            ? ((YamlMappingNode)properties).Children.SelectMany(p => new[] { $"{path}.{p.Key}" }
                .Concat(Fields((YamlMappingNode)p.Value, $"{path}.{p.Key}")))
            : [];
    }

    private static YamlMappingNode Field(string field)
    {
        var node = At(Schema, "properties", "spec");
        foreach (var step in field.Split('.'))
        {
            node = At(node, "properties", step.TrimEnd('[', ']'));
            if (step.EndsWith("[]", StringComparison.Ordinal))
                node = At(node, "items");
        }
        return node;
    }

    private static YamlMappingNode At(YamlMappingNode node, params string[] path) =>
        path.Aggregate(node, (at, step) => (YamlMappingNode)at.Children[step]);

    private static string Text(YamlMappingNode node, string key) => node.Children[key].ToString();

    private static YamlMappingNode Load()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RunnerScaler.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no RunnerScaler.sln above");
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(folder, "deploy", "crds", "runnerpools.yaml"));
        yaml.Load(reader);
        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        var version = (YamlMappingNode)((YamlSequenceNode)At(root, "spec").Children["versions"]).Children[0];
        return At(version, "schema", "openAPIV3Schema");
    }
}
