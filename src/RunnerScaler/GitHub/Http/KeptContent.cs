using System.Net.Http.Headers;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// The body of an answer that was kept, and what it was read as: after "not modified" it need not be read again.
/// </summary>
internal sealed class KeptContent : ByteArrayContent
{
    /// <param name="body">The uncompressed body.</param>
    /// <param name="mediaType">The value of its <c>Content-Type</c>.</param>
    /// <param name="parsed">Kept together with the body.</param>
    public KeptContent(byte[] body, string mediaType, ParsedBody parsed)
        : base(body)
    {
        Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        Parsed = parsed;
    }

    public ParsedBody Parsed { get; }
}

/// <summary>What a body was read as: nothing that is ever changed. Safe to use from any thread.</summary>
internal sealed class ParsedBody
{
    private volatile object? value;

    /// <summary>Null if nobody has read it yet.</summary>
    public object? Value
    {
        get => value;
        set => this.value = value;
    }
}
