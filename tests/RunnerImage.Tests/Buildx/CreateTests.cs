using RunnerImage.Buildx;

namespace RunnerImage.Tests.Buildx;

public sealed class CreateTests
{
    private const string Socket = "unix:///run/buildkit/buildkitd.sock";
    private const string Ours = "--driver=remote " + Socket;

    [Theory]
    [InlineData("buildx create", $"buildx create {Ours}")]
    [InlineData("create", $"create {Ours}")]
    [InlineData("--debug buildx --builder x create", $"--debug buildx --builder x create {Ours}")]
    [InlineData("--config /c -l debug buildx create", $"--config /c -l debug buildx create {Ours}")]
    [InlineData("--host=tcp://h:1 --tls buildx -D create", $"--host=tcp://h:1 --tls buildx -D create {Ours}")]
    [InlineData("buildx create --driver docker-container", $"buildx create {Socket} --driver remote")]
    [InlineData("buildx create --driver=docker-container", $"buildx create {Socket} --driver=remote")]
    [InlineData("buildx create --driver kubernetes", $"buildx create {Socket} --driver remote")]
    [InlineData("buildx create --driver=remote --name b", $"buildx create {Socket} --driver=remote --name b")]
    [InlineData("buildx create --driver=", $"buildx create {Socket} --driver=remote")]
    public void ABuilderOfDockerBecomesOneOfThePod(string given, string made) => Assert.Equal(
        Sample.Words(made), Sample.Decide(given).Arguments);

    [Theory]
    [InlineData("--name b1")]
    [InlineData("--name=b1 --node=n --use --timeout 5s --timeout=5s")]
    [InlineData("--platform linux/amd64,linux/arm64 --platform=linux/s390x")]
    [InlineData("--node n --append --name b1 --bootstrap=false")]
    [InlineData("-D --debug --builder x --builder=y")]
    [InlineData("--something-new v --another=v")]
    public void WhatTheDriverRemoteCanDoStays(string flags) => Assert.Equal(
        Sample.Words($"buildx create {Ours} {flags}"), Sample.Decide($"buildx create {flags}").Arguments);

    [Theory]
    [InlineData("--driver-opt image=moby/buildkit:master", "", "driver-opt")]
    [InlineData("--driver-opt=network=host", "", "driver-opt")]
    [InlineData("--driver-opt 'env.no_proxy=a\",b\"' --driver-opt=default-load=true", null, "driver-opt")]
    [InlineData("--driver-opt image=i,network=host,'\"env.x=a,b\"'", null, "driver-opt")]
    [InlineData("--driver-opt cpu-quota=1,memory=2g,qemu.install=true", "", "driver-opt")]
    [InlineData("--driver-opt provenance-add-gha=false,restart-policy=no,cgroup-parent=/x", "", "driver-opt")]
    [InlineData("--driver-opt=cacert=/a,cert=/c,key=/k,servername=s", null, "")]
    [InlineData("--driver-opt cacert=/ca,image=i", "--driver-opt cacert=/ca", "driver-opt")]
    [InlineData("--driver-opt=image=i,key=/k", "--driver-opt=key=/k", "driver-opt")]
    [InlineData("--buildkitd-flags --debug", "", "buildkitd-flags")]
    [InlineData("--buildkitd-flags=--debug", "", "buildkitd-flags")]
    [InlineData("--driver=kubernetes", null, "driver")]
    [InlineData("--driver kubernetes --driver-opt replicas=2,namespace=x", null, "driver driver-opt")]
    [InlineData("--buildkitd-flags ''", "", "")]
    [InlineData("--buildkitd-flags '--allow-insecure-entitlement device'", "", "entitlement-device")]
    [InlineData("--buildkitd-config /tmp/x.toml", "", "buildkitd-config")]
    [InlineData("--buildkitd-config=/tmp/x.toml", "", "buildkitd-config")]
    [InlineData("--config /tmp/x.toml", "", "buildkitd-config")]
    [InlineData("--config=/tmp/x.toml", "", "buildkitd-config")]
    [InlineData("builders", "", "endpoint")]
    [InlineData("default", "", "endpoint")]
    [InlineData("tcp://docker:2376", "", "endpoint")]
    [InlineData("tcp://docker", "", "endpoint")]
    [InlineData("unix:///var/run/docker.sock", "", "endpoint")]
    [InlineData("-- builders", "--", "endpoint")]
    [InlineData("tcp://docker/:1234", "", "endpoint")]
    public void WhatTheDriverRemoteCannotDoIsLeftOutAndSaid(string flags, string? left, string kind)
    {
        var decision = Sample.Decide($"buildx create {flags}");

        if (left is not null)
            Assert.Equal(Sample.Words($"buildx create {Ours} {left}"), decision.Arguments);
        Assert.Equal(Sample.Words(kind), decision.Messages.Select(m => m.Kind));
        Assert.Equal(ShimAction.Execute, decision.Action);
    }

    [Theory]
    [InlineData("create --name b --driver docker-container --buildkitd-flags "
        + "'--allow-insecure-entitlement security.insecure --allow-insecure-entitlement network.host' --use")]
    public void WhatTheActionDoesByDefaultIsRewrittenWithoutAWord(string line)
    {
        var decision = Sample.Decide($"buildx {line}");

        Assert.Equal(
            Sample.Words("buildx create unix:///run/buildkit/buildkitd.sock --name b --driver remote --use"),
            decision.Arguments);
        Assert.Empty(decision.Messages);
    }

    [Theory]
    [InlineData("unix:///elsewhere.sock")]
    [InlineData("tcp://buildkitd.builds.svc:1234")]
    [InlineData("tcp://[fd00::1]:1234")]
    [InlineData("ssh://me@arm")]
    [InlineData("kube-pod://buildkitd")]
    [InlineData("docker-container://x")]
    public void ABuildKitOfTheUsersOwnIsKept(string endpoint) => Assert.Equal(
        ["buildx", "create", "--driver=remote", "--name", "b", endpoint],
        Sample.Decide($"buildx create --name b {endpoint}").Arguments);

    [Theory]
    [InlineData("buildx create --driver remote tcp://x:1 --driver-opt default-load=true")]
    [InlineData("buildx create --driver cloud acme/builder")]
    [InlineData("buildx create --driver hologram --driver-opt a=b")]
    [InlineData("buildx create --leave --name b --node n")]
    [InlineData("buildx create --help")]
    [InlineData("buildx create -h --driver docker-container")]
    [InlineData("buildx create a b")]
    [InlineData("buildx create --name")]
    [InlineData("buildx create --driver-opt")]
    [InlineData("--help buildx create")]
    public void WhatWorksOrFailsByItselfIsLeftAlone(string line)
    {
        var decision = Sample.Decide(line);

        Assert.Equal(Sample.Words(line), decision.Arguments);
        Assert.Equal(ShimAction.Execute, decision.Action);
        Assert.Empty(decision.Messages);
    }

    [Fact]
    public void ABrokenOptionIsForBuildxToComplainAbout() => Assert.Contains(
        "--driver-opt=\"image=x", Sample.Decide("buildx create --driver-opt=\"image=x").Arguments);

    [Fact]
    public void ABuildKitHostOfTheUsersOwnIsKept()
    {
        var facts = Sample.Sidecar with { BuildKitHost = "tcp://own:1234" };

        Assert.Equal(["buildx", "create"], Sample.Decide("buildx create", facts).Arguments);
        Assert.NotEqual(["buildx", "create"], Sample.Decide("buildx create --driver kubernetes", facts).Arguments);
    }

    [Theory]
    [InlineData("--driver docker")]
    [InlineData("--driver=docker --name x")]
    public void TheDriverDockerIsRefused(string flags)
    {
        var decision = Sample.Decide($"buildx create {flags}");

        Assert.Equal(ShimAction.Fail, decision.Action);
        Assert.Contains("driver: docker", Assert.Single(decision.Messages).Text, StringComparison.Ordinal);
        Assert.Equal(ShimAction.Execute,
            Sample.Decide($"buildx create {flags}", Sample.Sidecar with { HasDocker = true }).Action);
    }

    [Fact]
    public void ASecondNodeAtTheSameDaemonIsRefused()
    {
        var facts = Sample.Sidecar with { EndpointsOf = n => n == "b" ? [Sample.Socket] : null };

        Assert.Equal(ShimAction.Fail, Sample.Decide("buildx create --append --name b arm-context", facts).Action);
        Assert.Equal(ShimAction.Fail, Sample.Decide("buildx create --append --name=b", facts).Action);
        Assert.Equal(ShimAction.Execute, Sample.Decide("buildx create --append --name b tcp://arm:1234", facts).Action);
        Assert.Equal(ShimAction.Execute, Sample.Decide("buildx create --append --name other", facts).Action);
    }

    [Fact]
    public void ASharedDaemonIsReachedWithItsCertificates() => Assert.Equal(
        Sample.Words("buildx create --driver=remote --driver-opt=cacert=/tls/ca.crt --driver-opt=cert=/tls/tls.crt "
            + "--driver-opt=key=/tls/tls.key --driver-opt=servername=buildkit-1.buildkit.builds.svc "
            + "tcp://buildkit-1.buildkit.builds.svc:1234 --use"),
        Sample.Decide("buildx create --use --driver-opt=cacert=/mine", Sample.Shared).Arguments);

    [Fact]
    public void RegistriesOfAConfigurationAreNamed()
    {
        var facts = Sample.Sidecar with
        {
            ReadText = path => path == "/x.toml"
                ? "debug = true\n[registry.\"docker.io\"]\n mirrors=[\"m\"]\n[ registry.'r:5000' ]\n#[registry.\"no\"]"
                : null,
        };

        var message = Assert.Single(Sample.Decide("buildx create --buildkitd-config=/x.toml", facts).Messages);

        Assert.Equal(Message.WarningLevel, message.Level);
        Assert.Contains("docker.io, r:5000", message.Text, StringComparison.Ordinal);
        Assert.Contains("spec.builder.registries", message.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("no,", message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void BootstrapWaitsForTheDaemon()
    {
        Assert.Equal(Sample.Socket, Sample.Decide("buildx create --bootstrap").Address);
        Assert.Null(Sample.Decide("buildx create").Address);
        Assert.Null(Sample.Decide("buildx create --bootstrap tcp://own:1234").Address);
    }
}
