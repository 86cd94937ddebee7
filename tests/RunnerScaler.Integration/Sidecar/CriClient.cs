using System.Net.Sockets;
using Grpc.Net.Client;
using RunnerScaler.Integration.Sidecar.Runtime;

namespace RunnerScaler.Integration.Sidecar;

/// <summary>Speaks with a container runtime as a kubelet does, over its socket.</summary>
internal sealed class CriClient : IDisposable
{
    private readonly GrpcChannel channel;

    public CriClient(string socket)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        Runtime = new RuntimeService.RuntimeServiceClient(channel);
    }

    public RuntimeService.RuntimeServiceClient Runtime { get; }

    public void Dispose() => channel.Dispose();
}
