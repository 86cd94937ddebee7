using System.Net.Sockets;
using RunnerImage.Builders;

namespace RunnerImage.Tests.Builders;

public sealed class BuilderWaitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<BuilderState> states = [];

    private string Path => folder["buildkitd.sock"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ItIsReadyWhenSomebodyListens()
    {
        var wait = Wait(60).RunAsync(Cancel);
        Assert.Equal("Waiting", Assert.Single(states).State);
        using var listening = Listen();
        Assert.Null(await wait);
        Assert.Equal(["Waiting", "Ready"], states.Select(s => s.State));
    }

    [Fact]
    public async Task ItFailsWithAReasonWhenTheTimeIsOver()
    {
        var problem = await Wait(0.2).RunAsync(Cancel);
        Assert.Contains("is not there", problem, StringComparison.Ordinal);
        Assert.Equal(problem, states[^1].Problem);
        Assert.Equal("Failed", states[^1].State);
    }

    [Fact]
    public async Task ASocketThatNobodyListensAtIsToldFromOneThatIsNotThere()
    {
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            left.Bind(new UnixDomainSocketEndPoint(Path));
        // .NET removes the file of a socket that it bound; a killed daemon leaves it.
        if (!File.Exists(Path))
            System.Diagnostics.Process.Start("python3",
                ["-c", $"import socket; socket.socket(socket.AF_UNIX).bind('{Path}')"]).WaitForExit();
        Assert.Equal(SocketTry.Refused, await BuilderFacts.TryAsync(Path, Cancel));
    }

    [Fact]
    public async Task AnAddressThatIsNoSocketIsRefusedAtOnce()
    {
        var wait = new BuilderWait("tcp://127.0.0.1:1", null, TimeSpan.FromHours(1), states.Add, TimeProvider.System);
        Assert.Contains("unix://", await wait.RunAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public void FactsAreReadFromTheKernel()
    {
        Directory.CreateDirectory(folder["proc/self"]);
        Directory.CreateDirectory(folder["proc/sys/user"]);
        File.WriteAllText(folder["proc/self/uid_map"], "   0  0  4294967295\n");
        File.WriteAllText(folder["proc/sys/user/max_user_namespaces"], "0\n");
        var facts = BuilderFacts.Gather(SocketTry.Missing, folder.Path);
        Assert.True(BuilderDiagnosis.IsIdentity(facts.UidMap));
        Assert.Equal("0", facts.MaxUserNamespaces);
        Assert.Null(facts.UnprivilegedUserNamespaces);
    }

    private Socket Listen()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path));
        socket.Listen();
        return socket;
    }

    private BuilderWait Wait(double seconds) =>
        new("unix://" + Path, "Baseline", TimeSpan.FromSeconds(seconds), states.Add, TimeProvider.System);
}
