using System.Net.Sockets;
using System.Text;
using RunnerImage.Http;

namespace RunnerImage.Tests.Http;

/// <summary>Answers at a socket of the pod.</summary>
public sealed class HttpSocketTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>docker sends a body with its push, which nobody reads.</summary>
    [Fact]
    public async Task ABodyThatIsNotReadDoesNotCostTheAnswer()
    {
        var address = new UnixDomainSocketEndPoint(folder["socket"]);
        var begun = new TaskCompletionSource();
        using var sent = new ManualResetEventSlim();
        using var server = HttpSocket.Listen(address, (_, reply) =>
        {
            begun.SetResult();
            sent.Wait(TestContext.Current.CancellationToken);
            reply.Send(200, HttpReply.Json, "{}");
        });
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(address);
        client.Send("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
        await begun.Task;
        client.Send("0\r\n\r\n"u8);
        sent.Set();

        await using var stream = new NetworkStream(client);
        var answer = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, TestContext.Current.CancellationToken) == 1)
            answer.Append((char)one[0]);

        Assert.StartsWith("HTTP/1.1 200", answer.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("{}", answer.ToString(), StringComparison.Ordinal);
    }
}
