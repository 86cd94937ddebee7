using RunnerImage.Buildx;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Buildx;

public sealed class BuildCheckTests
{
    [Theory]
    [InlineData("--load")]
    [InlineData("--load=true")]
    [InlineData("--load=1 .")]
    [InlineData("--load=false --load .")]
    [InlineData("--push --load")]
    [InlineData("-o type=docker")]
    [InlineData("-otype=docker")]
    [InlineData("-o=type=docker")]
    [InlineData("-qo type=docker")]
    [InlineData("--output type=docker")]
    [InlineData("--output=type=docker,name=x")]
    [InlineData("--output name=x,TYPE=docker")]
    [InlineData("--output=type=docker,dest=")]
    [InlineData("--output '\"name=a,b\",type=docker'")]
    [InlineData("-o type=oci,dest=x -o type=docker")]
    [InlineData("-f Dockerfile -t x --load -- .")]
    public void WhatGoesIntoADaemonIsRefused(string flags)
    {
        var decision = Sample.Decide($"buildx build {flags}");

        Assert.Equal(ShimAction.Fail, decision.Action);
        var message = Assert.Single(decision.Messages);
        Assert.Equal((Message.ErrorLevel, "load"), (message.Level, message.Kind));
        Assert.Contains("--push", message.Text, StringComparison.Ordinal);
        Assert.Contains("type=oci,dest=", message.Text, StringComparison.Ordinal);
        Assert.Equal(ShimAction.Note,
            Sample.Decide($"buildx build {flags}", Sample.Sidecar with { HasDocker = true }).Action);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("--load=false .")]
    [InlineData("--load=0 --push -t x .")]
    [InlineData("-o type=docker,dest=x.tar .")]
    [InlineData("-o type=docker,dest=- .")]
    [InlineData("--output=dest=x.tar,type=docker .")]
    [InlineData("-o type=image,name=x,push=true .")]
    [InlineData("-o type=registry .")]
    [InlineData("-o out .")]
    [InlineData("-o - .")]
    [InlineData("-o '\"type=docker' .")]
    [InlineData("--build-arg --load .")]
    [InlineData("-t --load .")]
    [InlineData("-f type=docker .")]
    [InlineData("--label=--load .")]
    [InlineData("-- --load")]
    [InlineData("--secret id=x,src=--load -ttype=docker .")]
    public void OtherBuildsAreNoted(string flags)
    {
        var decision = Sample.Decide($"buildx build {flags}");

        Assert.Equal((ShimAction.Note, Sample.Socket), (decision.Action, decision.Address));
        Assert.Equal(Sample.Words($"buildx build {flags}"), decision.Arguments);
        Assert.DoesNotContain(decision.Messages, m => m.Level == Message.ErrorLevel);
    }

    [Theory]
    [InlineData("build --call=check --load .")]
    [InlineData("build --check --load .")]
    [InlineData("build --call outline .")]
    [InlineData("build --print outline --load .")]
    [InlineData("b --check .")]
    [InlineData("build --help --load")]
    [InlineData("build -h")]
    [InlineData("bake --print --load")]
    [InlineData("bake --list=targets")]
    [InlineData("bake --list-targets")]
    [InlineData("bake --call check --load")]
    [InlineData("f --check")]
    public void AQuestionIsNoBuild(string line)
    {
        var decision = Sample.Decide($"buildx {line}");

        Assert.Equal(ShimAction.Execute, decision.Action);
        Assert.Equal(Sample.Words($"buildx {line}"), decision.Arguments);
    }

    [Theory]
    [InlineData("bake --load", true)]
    [InlineData("bake --load=true app", true)]
    [InlineData("f --load", true)]
    [InlineData("bake --set *.output=type=docker", true)]
    [InlineData("bake --set=*.output=type=docker", true)]
    [InlineData("bake --set app.output+=name=x,type=docker", true)]
    [InlineData("bake --set *.load=true", true)]
    [InlineData("bake --set *.load=false", false)]
    [InlineData("bake --set *.output=type=docker,dest=x.tar", false)]
    [InlineData("bake --set *.output=type=registry --push", false)]
    [InlineData("bake --set *.args.output=type=docker", false)]
    [InlineData("bake --set nonsense --set =x --set a", false)]
    [InlineData("bake --var load=true --load=false", false)]
    [InlineData("bake -f load.hcl load", false)]
    public void ABakeIntoADaemonIsRefused(string line, bool refused) => Assert.Equal(
        refused ? ShimAction.Fail : ShimAction.Note, Sample.Decide($"buildx {line}").Action);

    [Theory]
    [InlineData("build --allow security.insecure .", "entitlement-security.insecure")]
    [InlineData("build --allow=device=x --allow security.insecure .", "entitlement-device-security.insecure")]
    [InlineData("bake --allow=security.insecure", "entitlement-security.insecure")]
    [InlineData("build --allow network.host .", "")]
    [InlineData("bake --allow fs.read=/x --allow=ssh", "")]
    [InlineData("build --builder other --allow security.insecure .", "")]
    [InlineData("build --allow", "")]
    public void AnEntitlementThatIsNotGrantedIsSaid(string line, string kind) => Assert.Equal(
        Sample.Words(kind), Sample.Decide($"buildx {line}").Messages.Select(m => m.Kind));

    [Theory]
    [InlineData("build -t app .", true)]
    [InlineData("build --tag=app --push=false .", true)]
    [InlineData("build .", false)]
    [InlineData("build -t app --push .", false)]
    [InlineData("build -t app -o type=oci,dest=x .", false)]
    [InlineData("build -t app --call check .", false)]
    [InlineData("bake app", false)]
    public void AnImageThatGoesNowhereIsSaid(string line, bool lost) => Assert.Equal(
        lost ? ["output"] : [], Sample.Decide($"buildx {line}").Messages.Select(m => m.Kind));

    [Theory]
    [InlineData("build --builder default .")]
    [InlineData("--builder=default bake")]
    [InlineData("inspect default")]
    [InlineData("inspect --bootstrap --builder default")]
    public void DockersOwnBuilderIsRefused(string line)
    {
        Assert.Equal(ShimAction.Fail, Sample.Decide($"buildx {line}").Action);
        Assert.NotEqual(ShimAction.Fail,
            Sample.Decide($"buildx {line}", Sample.Sidecar with { HasDocker = true }).Action);
    }

    [Theory]
    [InlineData("build .", "runnerscaler", null, null, Sample.Socket)]
    [InlineData("build .", "runnerscaler", "mine", "mine", null)]
    [InlineData("build .", "runnerscaler", "ours", "ours", Sample.Socket)]
    [InlineData("build .", "mine", "ours", null, null)]
    [InlineData("build .", "default", null, "runnerscaler", Sample.Socket)]
    [InlineData("build .", "default", "ours", "ours", Sample.Socket)]
    [InlineData("build .", null, "mine", "mine", null)]
    [InlineData("build .", null, null, "runnerscaler", Sample.Socket)]
    [InlineData("build --builder ours .", "runnerscaler", "mine", "mine", Sample.Socket)]
    [InlineData("build --builder=mine .", "runnerscaler", "ours", "ours", null)]
    [InlineData("du", "runnerscaler", "ours", "ours", Sample.Socket)]
    [InlineData("ls", "runnerscaler", "ours", "ours", null)]
    public void TheJobsChoiceOfABuilderWins(
        string line, string? variable, string? current, string? builder, string? address)
    {
        var decision = Sample.Decide($"buildx {line}", Sample.Sidecar with
        {
            BuildxBuilder = variable,
            CurrentBuilder = current,
            EndpointsOf = name => name switch
            {
                "ours" or "runnerscaler" => [Sample.Socket],
                "mine" => ["tcp://mine:1234"],
                _ => null,
            },
        });

        Assert.Equal((builder, address), (decision.Builder, decision.Address));
    }

    [Fact]
    public void WithoutABuilderNothingIsTouched()
    {
        var none = Sample.Sidecar with { Mode = BuilderMode.None, BuildxBuilder = "default" };

        foreach (var line in new[] { "build --load .", "create", "inspect default", "create --driver docker", "" })
        {
            var decision = Sample.Decide($"buildx {line}", none);
            Assert.Equal(Sample.Words($"buildx {line}"), decision.Arguments);
            Assert.Equal((ShimAction.Execute, null, null), (decision.Action, decision.Address, decision.Builder));
            Assert.Empty(decision.Messages);
        }
    }
}
