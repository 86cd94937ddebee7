using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;

namespace RunnerScaler.Integration.Whole;

/// <summary>A span as it was received.</summary>
internal sealed record ReceivedSpan(
    string Trace,
    string Id,
    string Parent,
    string Name,
    ulong From,
    ulong To,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>
/// Takes traces in over HTTP, as a collector does
/// (https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto), and reads what tests look at.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly ConcurrentQueue<ReceivedSpan> spans = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        web = builder.Build();
        web.MapPost("/v1/traces", TakeAsync);
    }

    public string Address => web.Urls.Single();

    public IReadOnlyCollection<ReceivedSpan> Spans => spans;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver.web.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        foreach (var ofResource in Fields(body.ToArray(), 1))
            foreach (var ofScope in Fields(ofResource, 2))
                foreach (var span in Fields(ofScope, 2))
                    spans.Enqueue(Read(span));
        context.Response.ContentType = "application/x-protobuf";
    }

    private static ReceivedSpan Read(byte[] span) => new(
        Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), Time(span, 7), Time(span, 8),
        Fields(span, 9).ToDictionary(tag => Text(tag, 1), tag => Text(Fields(tag, 2).Single(), 1)));

    private static string Hex(byte[] message, int field) =>
        Convert.ToHexString(Fields(message, field).SingleOrDefault([]));

    private static string Text(byte[] message, int field) =>
        System.Text.Encoding.UTF8.GetString(Fields(message, field).SingleOrDefault([]));

    private static ulong Time(byte[] message, int field) =>
        BitConverter.ToUInt64(Fields(message, field).Single());

    /// <summary>What a message has under a number: bytes as they are, fixed numbers as their eight bytes.</summary>
    private static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) != field)
                input.SkipLastField();
            else if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                found.Add(input.ReadBytes().ToByteArray());
            else if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.Fixed64)
                found.Add(BitConverter.GetBytes(input.ReadFixed64()));
            else
                input.SkipLastField();
        }
        return found;
    }
}
