using System.Collections.Immutable;
using Microsoft.Extensions.Options;

namespace RunnerScaler.Web.Webhooks;

/// <summary>
/// The secrets that deliveries may be signed with: each file of a folder holds one, as a mounted Secret has them. Read
/// anew every few seconds, so that a rotated one is used without a restart; a folder that cannot be read changes
/// nothing. No secret is logged.
/// </summary>
internal sealed partial class WebhookSecrets(
    IOptions<WebOptions> options, TimeProvider time, ILogger<WebhookSecrets> log)
{
    /// <summary>The old one and the new one, while they are being exchanged, and some to spare.</summary>
    private const int Most = 4;

    private const int Longest = 1024;

    private static readonly TimeSpan fresh = TimeSpan.FromSeconds(5);

    private readonly Lock guard = new();
    private ImmutableArray<byte[]> known = [];
    private long? readAt;
    private string? told;

    /// <summary>All of them; none if there is none to judge by.</summary>
    public ImmutableArray<byte[]> Current
    {
        get
        {
            lock (guard)
            {
                if (readAt is { } at && time.GetElapsedTime(at) < fresh)
                    return known;
                readAt = time.GetTimestamp();
                Read();
                return known;
            }
        }
    }

    private void Read()
    {
        try
        {
            known = [.. Directory.EnumerateFiles(options.Value.WebhookSecrets)
                .Where(path => !Path.GetFileName(path).StartsWith('.'))
                .Order(StringComparer.Ordinal)
                .Where(path => new FileInfo(path).Length <= Longest)
                .Take(Most)
                .Select(path => Trim(File.ReadAllBytes(path)))
                .Where(secret => secret.Length is > 0 and <= Longest)];
            Tell(known.IsEmpty ? "has no file that holds one" : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell($"cannot be read ({e.GetType().Name}); those read before are used");
        }
    }

    /// <summary>Whoever writes a file by hand ends it with a new line.</summary>
    private static byte[] Trim(byte[] file) => [.. file.AsSpan().TrimEnd("\r\n"u8)];

    private void Tell(string? problem)
    {
        if (problem is not null && problem != told)
            LogProblem(options.Value.WebhookSecrets, problem);
        told = problem;
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The folder of the webhook's secrets, '{Folder}' (Web:WebhookSecrets), {Problem}: put the secret "
            + "that GitHub has into a file there")]
    private partial void LogProblem(string folder, string problem);
}
