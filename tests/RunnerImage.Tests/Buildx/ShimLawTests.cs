using CsCheck;
using RunnerImage.Buildx;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Buildx;

/// <summary>What holds for every command line.</summary>
public sealed class ShimLawTests
{
    private static readonly string[] Fragments =
    [
        "create", "build", "bake", "inspect", "ls", "rm", "buildx", "docker-cli-plugin-metadata", "--driver",
        "--driver=docker-container", "docker-container", "kubernetes", "remote", "docker", "--driver-opt",
        "image=x,key=/k", "--driver-opt=network=host", "--buildkitd-flags", "--buildkitd-config=x", "--config",
        "--name", "--name=b", "--append", "--use", "--load", "--load=false", "-o", "type=docker", "-qo", "-D",
        "--debug", "--builder", "x", "--", "-", "", "--new-flag", "--new-flag=1", "unix:///x", "tcp://h:1",
        "default", ".", "ü", "\uFFFD", "-zzz", "--=", "-=", "--help", "\"", "a,\"b", "--allow",
        "security.insecure", "--set", "*.output=type=docker", "%0A::error::",
    ];

    private static readonly Gen<string[]> Lines = OneOf(Fragments).Array[0, 12];

    private static readonly Gen<ShimFacts> Pods = Gen.Select(
        Gen.Bool, Gen.Bool, OneOf<string?>("runnerscaler", "default", "b", null),
        (docker, shared, builder) => (shared ? Sample.Shared : Sample.Sidecar) with
        {
            HasDocker = docker,
            BuildxBuilder = builder,
            CurrentBuilder = "b",
        });

    [Fact]
    public void RewritingTwiceIsRewritingOnce() => Gen.Select(Lines, Pods).Sample((line, pod) =>
    {
        var once = Shim.Decide(line, pod);
        var twice = Shim.Decide(once.Arguments, pod);
        return once.Action == ShimAction.Fail || twice.Arguments.SequenceEqual(once.Arguments);
    });

    [Fact]
    public void OnlyCreateIsRewrittenAndBuildsLoseTheirDaemon() => Gen.Select(Lines, Pods).Sample((line, pod) =>
        BuildxLine.Parse(line).Command is "create" or "build" || Shim.Decide(line, pod).Arguments.SequenceEqual(line));

    [Fact]
    public void WithoutABuilderEveryLineIsPassedOn() => Lines.Sample(line =>
    {
        var decision = Shim.Decide(line, Sample.Sidecar with { Mode = BuilderMode.None });
        return decision.Arguments.SequenceEqual(line) && decision.Action == ShimAction.Execute
            && decision.Messages.Count == 0 && decision.Builder is null;
    });

    [Fact]
    public void UnknownFlagsOfCreateAreKept() => Gen.Select(Lines, Pods).Sample((line, pod) =>
    {
        string[] create = ["buildx", "create", .. line];
        var unknown = create.Count(a => a.StartsWith("--new-flag", StringComparison.Ordinal));
        return Shim.Decide(create, pod) is var d && (d.Action == ShimAction.Fail
            || d.Arguments.Count(a => a.StartsWith("--new-flag", StringComparison.Ordinal)) >= unknown
            || Dropped(create, "--new-flag"));
    });

    [Fact]
    public void EveryMessageIsOneLine() => Gen.Select(Lines, Gen.String, Pods).Sample((line, text, pod) =>
        Shim.Decide([.. line, text], pod).Messages.All(m => !m.ToLine().AsSpan().ContainsAny('\n', '\r')));

    [Fact]
    public void TokensCoverEachArgumentOnce() => Lines.Sample(line =>
    {
        foreach (var table in new[] { BuildxFlags.Create, BuildxFlags.Build, BuildxFlags.Bake, BuildxFlags.Other })
        {
            var tokens = table.Read(line, 0);
            if (tokens.Sum(t => t.Count) != line.Length)
                return false;
        }

        return true;
    });

    [Fact]
    public void FieldsSurviveALine() => OneOf("a", "b=c", "x,y", "\"", "", "=\"=", "ü\n").Array[1, 5].Sample(fields =>
        Csv.Fields(Csv.Line(fields))!.SequenceEqual(fields));

    [Theory]
    [InlineData("\"a")]
    [InlineData("a\"b")]
    [InlineData("\"a\"b")]
    public void ALineWithLooseQuotesHasNoFields(string line) => Assert.Null(Csv.Fields(line));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>Whether a flag stands where it is the value of one that is left out.</summary>
    private static bool Dropped(string[] line, string flag) =>
        line.Zip(line.Skip(1)).Any(p => p.Second.StartsWith(flag, StringComparison.Ordinal)
            && p.First is "--driver" or "--driver-opt" or "--buildkitd-flags" or "--config");
}
