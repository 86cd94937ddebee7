using System.Diagnostics;
using System.Text.Json.Nodes;
using CsCheck;
using RunnerScaler.Kubernetes.Importing;

namespace RunnerScaler.Tests.Kubernetes.Importing;

/// <summary>YAML that people wrote, and YAML that is meant to hurt.</summary>
public sealed class YamlTests
{
    private static readonly string[] Odd =
    [
        "yes", "No", "null", "~", "1e3", "0x1f", "012", "2026-11-29", ".inf", "1:30", "<<", "=", "a: b", "", "- x",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String, Gen.String[Gen.Char["ayn~:#-'\"\\|>&*!%@`{}[],? \n\t\u0007\u2028é0.19"], 0, 12],
        Gen.Int[0, Odd.Length - 1].Select(i => Odd[i]));

    private static readonly Gen<JsonNode?> Nodes = Gen.Recursive<JsonNode?>((depth, inner) => Gen.OneOf(
        Texts.Where(IsUnicode).Select(t => (JsonNode?)t), Gen.Int.Select(n => (JsonNode?)n),
        Gen.Bool.Select(b => (JsonNode?)b), Gen.Const((JsonNode?)null),
        depth > 4 ? Gen.Const((JsonNode?)"x") : inner.Array[0, 4].Select(a => (JsonNode?)new JsonArray(Copies(a))),
        depth > 4 ? Gen.Const((JsonNode?)"y") : Gen.Select(Texts.Where(IsUnicode), inner).Array[0, 4].Select(Object)));

    [Fact]
    public void WhatIsWrittenIsReadAgain() => Nodes.Sample(
        node =>
        {
            var whole = new JsonObject { ["whole"] = node?.DeepClone() };
            var read = Assert.Single(YamlReader.Documents(YamlWriter.Write(whole)));
            Assert.True(JsonNode.DeepEquals(whole, read), $"{whole.ToJsonString()}\n{YamlWriter.Write(whole)}");
        },
        iter: 3_000, print: n => n?.ToJsonString() ?? "null");

    [Theory]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("x: &x {b: 1, d: 2}\nc:\n  <<: *x\n  b: 3", """{"x":{"b":1,"d":2},"c":{"b":3,"d":2}}""")]
    [InlineData("a: '1'\nb: 1\nc: 1.5\nd: ~\ne: !!str 7", """{"a":"1","b":1,"c":1.5,"d":null,"e":"7"}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    public void WhatPeopleWriteIsUnderstood(string yaml, string json) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Assert.Single(YamlReader.Documents(yaml))));

    [Theory]
    [InlineData("a: [", "line 2: ")]
    [InlineData("a: *b", "an alias stands for nothing before it")]
    [InlineData("a: &a [*a]", "an alias stands for nothing before it")]
    [InlineData("a: 1\na: 2", "line 2: a key stands there a second time")]
    [InlineData("? [a]\n: b", "a key must be a text")]
    public void WhatIsNoneIsToldWithItsLine(string yaml, string sentence)
    {
        var problem = Assert.Throws<ImportException>(() => YamlReader.Documents(yaml));
        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public void AliasesOfAliasesAreCounted()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 20).Select(i =>
            $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        AssertRefusedSoon(bomb, "it has more than 200000 values");
    }

    [Fact]
    public void DepthIsBoundedAlsoThroughAliases()
    {
        AssertRefusedSoon(new string('[', 1_000_000), "it nests more than 60 levels");
        AssertRefusedSoon(string.Concat(Enumerable.Repeat("- ", 100_000)) + "x", "it nests more than 60 levels");
        AssertRefusedSoon(
            "a0: &a0 x\n" + string.Concat(Enumerable.Range(1, 5_000).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n")),
            "it nests more than 60 levels");
    }

    [Fact]
    public void SizeIsBounded()
    {
        AssertRefusedSoon(new string('x', YamlReader.LongestText + 1), "more than 8 million characters");
        AssertRefusedSoon(string.Concat(Enumerable.Repeat("- 1\n", 300_000)), "it has more than 200000 values");
    }

    [Fact]
    public void NoiseIsReadOrRefused() => Gen.OneOf(Texts, Gen.String[0, 200]).Array[0, 20].Sample(
        parts =>
        {
            try
            {
                YamlReader.Documents(string.Join('\n', parts));
            }
            catch (ImportException)
            {
                // As it should be.
            }
        },
        iter: 5_000);

    private static void AssertRefusedSoon(string yaml, string sentence)
    {
        var start = Stopwatch.GetTimestamp();
        var problem = Assert.Throws<ImportException>(() => YamlReader.Documents(yaml));
        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    /// <summary>Half of a surrogate pair is no character, and JSON cannot hold it either.</summary>
    private static bool IsUnicode(string text) => text.EnumerateRunes().All(r => r != System.Text.Rune.ReplacementChar);

    private static JsonNode?[] Copies(JsonNode?[] nodes) => [.. nodes.Select(n => n?.DeepClone())];

    private static JsonNode? Object((string, JsonNode?)[] fields)
    {
        var made = new JsonObject();
        foreach (var (name, value) in fields.Where(f => f.Item1 != "<<"))
            made.TryAdd(name, value?.DeepClone());
        return made;
    }
}
