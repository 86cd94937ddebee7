using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using RunnerImage.Builders;
using RunnerImage.Tests.Claims;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Builders;

/// <summary>Whether a shared daemon takes the pod's certificate: told before the first build, and why not.</summary>
public sealed class DaemonCheckTests : IDisposable
{
    private static readonly TimeSpan Valid = TimeSpan.FromMinutes(20);

    private readonly TestAuthority ours = new();
    private readonly TestAuthority other = new();
    private readonly TemporaryFolder tls = new();

    public void Dispose() => tls.Dispose();

    [Theory]
    [InlineData(SslProtocols.None)]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ADaemonThatTakesTheCertificateIsReady(SslProtocols versions)
    {
        await using var daemon = await SharedDaemon.StartAsync(ours, ours, versions);
        ours.WriteClient(tls.Path, Valid);
        Assert.Null(await FindProblemAsync(daemon.Address));
    }

    [Theory]
    [InlineData(SslProtocols.None)]
    [InlineData(SslProtocols.Tls12)]
    public async Task ACertificateOfAnotherAuthorityIsNamedWithWhoMustHaveSignedIt(SslProtocols versions)
    {
        await using var daemon = await SharedDaemon.StartAsync(ours, ours, versions);
        other.WriteClient(tls.Path, Valid, trusting: ours);
        await AssertProblemAsync(daemon.Address, "\"CN=runner\" (from \"CN=claims\"", "spec.builder.shared.tlsSecret");
    }

    [Fact]
    public async Task ACertificateThatEndedIsNamedWithItsTimes()
    {
        await using var daemon = await SharedDaemon.StartAsync(ours, ours);
        ours.WriteClient(tls.Path, TimeSpan.FromMinutes(-5));
        await AssertProblemAsync(daemon.Address, "\"CN=runner\"", "valid from", "it has ended: renew it");
    }

    [Fact]
    public async Task ACertificateThatIsForServersOnlyIsNamed()
    {
        await using var daemon = await SharedDaemon.StartAsync(ours, ours);
        ours.WriteClient(tls.Path, Valid, usages: [new("1.3.6.1.5.5.7.3.1")]);
        await AssertProblemAsync(daemon.Address, "\"CN=runner\"", "it is not for clients", "client auth");
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.2")]
    [InlineData("2.5.29.37.0")]
    public async Task OneThatIsForClientsIsNotBlamedForIt(string usage)
    {
        await using var daemon = await SharedDaemon.StartAsync(ours, ours);
        other.WriteClient(tls.Path, Valid, trusting: ours, usages: [new(usage)]);
        await AssertProblemAsync(daemon.Address, "it must be signed by the authority that buildkitd has");
    }

    [Fact]
    public async Task ADaemonOfAnotherAuthorityIsNotTrusted()
    {
        await using var daemon = await SharedDaemon.StartAsync(other, ours);
        ours.WriteClient(tls.Path, Valid);
        await AssertProblemAsync(daemon.Address, "\"CN=endpoint\" of the daemon is not signed by", "ca.crt");
    }

    [Fact]
    public async Task ADaemonOfAnotherNameIsNotTrusted()
    {
        var named = new TestAuthority("buildkit.example");
        await using var daemon = await SharedDaemon.StartAsync(named, named);
        named.WriteClient(tls.Path, Valid);
        await AssertProblemAsync(daemon.Address, "is for other names than 127.0.0.1", "subjectAltNames");
    }

    [Fact]
    public async Task ADaemonWithoutTlsIsNamed()
    {
        await using var daemon = await SharedDaemon.StartPlainAsync();
        ours.WriteClient(tls.Path, Valid);
        await AssertProblemAsync(daemon.Address, "it speaks no TLS", "[grpc.tls]");
    }

    [Theory]
    [InlineData("ca.crt", null, "ca.crt of the Secret", "cannot be read")]
    [InlineData("tls.key", null, "tls.crt and tls.key of the Secret", "cannot be read")]
    [InlineData("ca.crt", "nothing", "ca.crt of the Secret", "cannot be used")]
    [InlineData("tls.crt", "nothing", "tls.crt and tls.key of the Secret", "cannot be used")]
    [InlineData("tls.key", "nothing", "tls.crt and tls.key of the Secret", "cannot be used")]
    public async Task AFileThatIsNotOneIsNamed(string file, string? content, string which, string what)
    {
        await using var daemon = await SharedDaemon.StartAsync(ours, ours);
        ours.WriteClient(tls.Path, Valid);
        if (content is null)
            File.Delete(tls[file]);
        else
            File.WriteAllText(tls[file], content);
        await AssertProblemAsync(daemon.Address, which, what);
    }

    [Fact]
    public async Task TheKeyOfAnotherCertificateIsNamed()
    {
        await using var daemon = await SharedDaemon.StartAsync(ours, ours);
        ours.WriteClient(tls.Path, Valid);
        var key = File.ReadAllText(tls["tls.key"]);
        ours.WriteClient(tls.Path, Valid);
        File.WriteAllText(tls["tls.key"], key);
        Assert.DoesNotContain(
            key.Split('\n')[1], await AssertProblemAsync(daemon.Address, "cannot be used"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADaemonThatSaysNothingIsNotReady()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        ours.WriteClient(tls.Path, Valid);
        await AssertProblemAsync($"tcp://{silent.LocalEndpoint}", "the daemon hangs");
    }

    [Fact]
    public async Task ACertificateOfThePodIsShownToNoOtherDaemon()
    {
        await using var daemon = await SharedDaemon.StartAsync(other, other);
        ours.WriteClient(tls.Path, Valid);
        var check = new DaemonCheck(Pod("tcp://127.0.0.1:1"), new HurriedTime(5));
        Assert.Null(await check.FindProblemAsync(daemon.Address));
    }

    private async Task<string> AssertProblemAsync(string address, params string[] parts)
    {
        var problem = await FindProblemAsync(address);
        Assert.NotNull(problem);
        Assert.All(parts, part => Assert.Contains(part, problem, StringComparison.Ordinal));
        return problem;
    }

    private Task<string?> FindProblemAsync(string address) =>
        new DaemonCheck(Pod(address), new HurriedTime(5)).FindProblemAsync(address);

    private JobPod Pod(string address) => new(name => name switch
    {
        PodVariables.StateFolder => tls.Path,
        PodVariables.BuilderMode => nameof(BuilderMode.Shared),
        PodVariables.BuilderAddresses => address,
        PodVariables.BuilderTls => tls.Path,
        _ => null,
    });
}
