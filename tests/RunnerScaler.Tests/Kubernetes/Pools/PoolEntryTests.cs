using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Kubernetes.Builders;

namespace RunnerScaler.Tests.Kubernetes.Pools;

public sealed class PoolEntryTests
{
    [Theory]
    [InlineData("", null, false)]
    [InlineData("", """{"spec":{"containers":[{"name":"runner","image":"ours:1"}]}}""", true)]
    [InlineData("", """{"spec":{"containers":[{"name":"runner"},{"name":"other","image":"ours:1"}]}}""", false)]
    [InlineData("", """{"spec":{"nodeSelector":{"disk":"ssd"}}}""", false)]
    [InlineData("all:1", null, true)]
    public void WithoutAnImageForTheRunnerThePoolSaysWhereToSetOne(string ofAll, string? template, bool hasShape)
    {
        var spec = template is null ? PoolJson.Least : PoolJson.With("template", template);

        var (read, shape) = At(spec, TestPods.Defaults with { Image = ofAll });

        Assert.Equal(hasShape, shape is not null);
        if (hasShape)
            return;
        Assert.Equal(ProblemReason.SpecInvalid, read.Problem!.Reason);
        Assert.Contains("RUNNERSCALER__Kubernetes__RunnerImage", read.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"mode":"Shared","shared":{"addresses":["tcp://b:1"],"tlsSecret":"t"}}""", true)]
    [InlineData("""{"mode":"Shared","shared":{"addresses":["tcp://b:1"],"tlsSecret":"t","forks":"Refuse"}}""", true)]
    [InlineData("""{"mode":"Shared","shared":{"addresses":["tcp://b:1"],"tlsSecret":"t","forks":"Allow"}}""", false)]
    [InlineData("""{"mode":"Sidecar"}""", false)]
    [InlineData("""{"mode":"None"}""", false)]
    public void ForksAreRefusedByPoolsThatShareABuilder(string builder, bool refused) =>
        Assert.Equal(refused, At(PoolJson.With("builder", builder), TestPods.Defaults).Object.Pool!.RefusesForks);

    [Fact]
    public void APoolKnowsWhoseAccountItsJobsAreGiven()
    {
        var deploy = PoolJson.With("deploy", """{"serviceAccountName":"deployer"}""");
        Assert.Equal("deployer", At(deploy, TestPods.Defaults).Object.Pool!.DeploysAs);
        Assert.Null(At(PoolJson.Least, TestPods.Defaults).Object.Pool!.DeploysAs);
    }

    [Fact]
    public void AStatusThatIsWrittenMakesNoOtherPool()
    {
        var around = Around(TestPods.Defaults with { Image = "all:1" });
        var pool = PoolJson.Parse(PoolJson.Object(PoolJson.Least));
        var (before, after) = (new PoolEntry(pool), new PoolEntry(pool));
        var known = before.At(around).Object;
        Assert.NotSame(known, after.At(around).Object);

        after.TakeOver(before);

        Assert.Same(known, after.At(around).Object);
        Assert.Same(known.Pool, after.At(around).Object.Pool);
    }

    [Theory, InlineData(60), InlineData(9_900)]
    public void ASpecThatNestsWithoutEndHasAFaultOfItsOwn(int levels)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
        var whole = PoolJson.Object($$$"""
            {"github":{"credentialsSecret":"s","serves":[{"url":"https://github.com/acme"}]},"labels":["x"],
             "limits":{"maxRunners":1},"template":{"spec":{"x":{{{deep}}}}} }
            """, "deep");
        using var json = JsonDocument.Parse(whole, new JsonDocumentOptions { MaxDepth = 20_000 });
        var (read, shape) = At(json.RootElement, TestPods.Defaults);
        Assert.Equal(("ci/deep", ProblemReason.SpecInvalid), ($"{read.Key}", read.Problem!.Reason));
        Assert.Contains("levels", read.Problem.Message, StringComparison.Ordinal);
        Assert.Null(shape);
    }

    [Theory]
    [InlineData("""{"spec":{"nodeSelector":{"a":"b","a":"c"}}}""")]
    [InlineData("""{"spec":{"\ud800":1}}""")]
    [InlineData("""{"spec":{"hostname":"\ud800"}}""")]
    [InlineData("""{"\udc00":{}}""")]
    public void ATemplateThatCannotBeReadIsAFaultOfThatPool(string template)
    {
        var least = PoolJson.Least.TrimEnd()[..^1];
        var (read, shape) = At($"{least},\"template\":{template}}}", TestPods.Defaults);
        Assert.Equal(ProblemReason.SpecInvalid, read.Problem?.Reason);
        Assert.Null(shape);
    }

    private static (PoolObject Object, PodTemplate? Shape) At(string spec, PodDefaults defaults) =>
        At(PoolJson.Parse(PoolJson.Object(spec)), defaults);

    private static (PoolObject Object, PodTemplate? Shape) At(JsonElement pool, PodDefaults defaults) =>
        new PoolEntry(pool).At(Around(defaults));

    private static PodDependencies Around(PodDefaults defaults) => new(
        defaults,
        () => new ClaimEndpoint("https://runnerscaler.ops.svc:8443/claims", "a certificate"),
        () => new ClusterFacts(new Release(1, 36), new NodeReading.Known([])),
        (_, _) => null);
}
