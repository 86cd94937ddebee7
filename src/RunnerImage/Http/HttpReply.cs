using System.Globalization;
using System.Text;

namespace RunnerImage.Http;

/// <summary>The answer to a request; the connection ends with it.</summary>
/// <param name="stream">The connection.</param>
/// <param name="withoutBody">Whether only the head is asked for (<c>HEAD</c>).</param>
internal sealed class HttpReply(Stream stream, bool withoutBody)
{
    public const string Json = "application/json";
    public const string Binary = "application/octet-stream";

    /// <summary>The header by which registries say what they have.</summary>
    public const string ContentDigest = "Docker-Content-Digest";

    /// <summary>Whether a head has been sent.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Sends a whole answer.</summary>
    public void Send(int status, string type, ReadOnlySpan<byte> body, params (string Name, string Value)[] headers)
    {
        Head(status, type, body.Length, headers);
        if (!withoutBody)
            stream.Write(body);
    }

    public void Send(int status, string type, string body) => Send(status, type, Encoding.UTF8.GetBytes(body));

    /// <summary>Sends a file.</summary>
    /// <exception cref="IOException">It cannot be read, or nobody reads the answer.</exception>
    public void SendFile(string type, string path, params (string Name, string Value)[] headers)
    {
        using var file = File.OpenRead(path);
        Head(200, type, file.Length, headers);
        if (!withoutBody)
            file.CopyTo(stream);
    }

    /// <summary>Begins an answer whose length is not known; the stream is written and not closed.</summary>
    public Stream Begin(string type, params (string Name, string Value)[] headers)
    {
        Head(200, type, null, headers);
        return stream;
    }

    private void Head(int status, string type, long? length, (string Name, string Value)[] headers)
    {
        HasBegun = true;
        var head = new StringBuilder($"HTTP/1.1 {status.ToString(CultureInfo.InvariantCulture)} -\r\n");
        (string Name, string Value)[] all = [("Content-Type", type), ("Connection", "close"), .. headers];
        foreach (var (name, value) in all)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (length is { } known)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {known}\r\n");
        stream.Write(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
    }
}
