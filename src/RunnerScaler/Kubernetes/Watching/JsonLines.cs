using System.Buffers;
using System.IO.Pipelines;

namespace RunnerScaler.Kubernetes.Watching;

/// <summary>Cuts a stream into lines without making strings of them.</summary>
internal sealed class JsonLines(Stream stream) : IAsyncDisposable
{
    /// <summary>etcd refuses objects beyond 1.5 MB; what is longer is no watch.</summary>
    private const long LongestLine = 16 * 1024 * 1024;

    private readonly PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));

    /// <summary>Reads on until at least one line came, and gives every whole one to <paramref name="take"/>.</summary>
    /// <param name="take">Sees a line; it is gone afterwards. False: read no more.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>False at the end of the stream, or when <paramref name="take"/> wants no more.</returns>
    public async Task<bool> ReadAsync(Func<ReadOnlySequence<byte>, bool> take, CancellationToken cancel)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancel);
            var rest = read.Buffer;
            var any = false;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var line = rest.Slice(0, end);
                rest = rest.Slice(rest.GetPosition(1, end));
                any = true;
                if (!line.IsEmpty && !take(line))
                    return false;
            }
            // A line that the end of the stream cut off is not taken: it cannot be known to be whole.
            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
                return false;
            if (any)
                return true;
            if (rest.Length > LongestLine)
                throw new InvalidDataException($"a line of more than {LongestLine} bytes");
        }
    }

    public ValueTask DisposeAsync() => reader.CompleteAsync();
}
