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
    public void WhatGoesIntoADaemonIsLeftOut(string flags)
    {
        var decision = Sample.Decide($"buildx build {flags}");

        Assert.Equal((ShimAction.Note, Sample.Socket), (decision.Action, decision.Address));
        Assert.DoesNotContain(decision.Arguments, a => a.Contains("type=docker") && !a.Contains("dest=x"));
        Assert.DoesNotContain("--load", decision.Arguments.TakeWhile(a => a != "--"));
        var daemon = Sample.Decide($"buildx build {flags}", Sample.Sidecar with { HasDocker = true });
        Assert.Equal(Sample.Words($"buildx build {flags}"), daemon.Arguments);
        Assert.Null(daemon.Images);
    }

    [Theory]
    [InlineData("-t app .", "app")]
    [InlineData("--tag=app --tag a/b:1 --push=false .", "app a/b:1")]
    [InlineData("-t app --load .", "app")]
    [InlineData("-t app --push --load .", "app")]
    [InlineData("-t app -o type=registry -o type=docker .", "app")]
    [InlineData("-o '\"name=a:1,b\",type=docker' .", "a:1 b")]
    [InlineData(".", "")]
    [InlineData("--load .", "")]
    [InlineData("-t app --push .", "")]
    [InlineData("-t app -o type=oci,dest=x .", "")]
    [InlineData("-t app -o out .", "")]
    [InlineData("--check -t app .", "")]
    public void AnImageWithANameAndNoOtherPlaceIsKept(string flags, string names)
    {
        var use = Sample.Decide($"buildx build {flags}").Images;

        Assert.Equal(names, use is { Keeps: true } ? string.Join(' ', use.Names) : "");
    }

    [Fact]
    public void LettersThatShareAnArgumentAreToldApart() => Assert.Equal(
        ["buildx", "build", "-D", "--quiet", "-t", "a", "."],
        Sample.Decide("buildx build -D -qo type=docker -t a .").Arguments);

    [Fact]
    public void AnImageWithoutANameIsSaidNotToBeKept()
    {
        var message = Assert.Single(Sample.Decide("buildx build --load .").Messages);

        Assert.Equal(("nameless", Message.PlainLevel), (message.Kind, message.Level));
        Assert.Empty(Sample.Decide("buildx build .").Messages);
        Assert.Empty(Sample.Decide("buildx build --load -t app .").Messages);
    }

    /// <summary>The runner builds the image of a container action before it runs it, and could not run it.</summary>
    [Theory]
    [InlineData("build -t 0a1b2c:0123456789abcdef0123456789abcdef -f /w/Dockerfile /w", true)]
    [InlineData("build -t 0a1b2c:1 .", false)]
    [InlineData("build -t app:0123456789abcdef0123456789abcdef .", false)]
    public void TheImageOfAContainerActionIsNotBuilt(string line, bool refused) => Assert.Equal(
        refused, Sample.Decide($"buildx {line}").Action == ShimAction.Fail);

    [Theory]
    [InlineData(".")]
    [InlineData("--push -t x .")]
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
    [InlineData("--load", true)]
    [InlineData("--load=true", true)]
    [InlineData("--set *.output=type=docker", true)]
    [InlineData("--set=app.output+=name=x,type=docker", true)]
    [InlineData("--set *.load=true", true)]
    [InlineData("--set *.output=type=docker,dest=x.tar", false)]
    [InlineData("--set *.output=type=registry", false)]
    [InlineData("--set *.args.output=type=docker", false)]
    [InlineData("--set nonsense", false)]
    [InlineData("--set =x", false)]
    [InlineData("--var load=true", false)]
    [InlineData("-f load.hcl", false)]
    public void WhatSaysThatABakeLoadsIsKnown(string flags, bool says) => Assert.Equal(
        says, BuildxFlags.Bake.Read(Sample.Words(flags), 0).Exists(BuildCheck.SaysWhereItGoes));

    [Fact]
    public void ABakeIsAskedForItsImages()
    {
        var decision = Sample.Decide("buildx bake --load app");

        Assert.Equal(ShimAction.Note, decision.Action);
        Assert.True(decision.Images!.Keeps);
        Assert.Null(Sample.Decide("buildx bake --load", Sample.Sidecar with { HasDocker = true }).Images);
        Assert.Null(Sample.Decide("buildx bake --call check --load").Images);
    }

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
