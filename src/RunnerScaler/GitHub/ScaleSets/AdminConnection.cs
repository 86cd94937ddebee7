using System.Buffers.Text;
using System.Text.Json;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>A way to the Actions service.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Token">Its own token; goes there only.</param>
/// <param name="ExpiresAt">Until when that is good.</param>
internal sealed record AdminConnection(Uri Url, string Token, DateTimeOffset ExpiresAt)
{
    private const string ApiVersion = "api-version=6.0-preview";

    /// <summary>Shorter than any is good for: a token that does not say is asked for again after this.</summary>
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>Reads what was answered; null if the address is none that may be asked.</summary>
    /// <param name="data">The answer.</param>
    /// <param name="server">The server that gave it.</param>
    /// <param name="now">The present.</param>
    public static AdminConnection? Of(ConnectionData data, string server, DateTimeOffset now) =>
        ActionsAddress.Read(data.Url, server) is not { } url
            ? null
            : new(url, data.Token, now + (Lifetime(data.Token, now) is { } left && left < Longest ? left : Unsaid));

    /// <summary>The address of something of the service.</summary>
    /// <param name="path">Below its root, without a slash before it; names in it are escaped.</param>
    /// <param name="query">Besides the version; escaped.</param>
    public Uri At(string path, string query = "")
    {
        var root = new UriBuilder(Url);
        root.Path = $"{root.Path.TrimEnd('/')}/{path}";
        var own = root.Query.TrimStart('?');
        root.Query = string.Join('&', new[] { own, query, ApiVersion }.Where(q => q.Length > 0));
        return root.Uri;
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{nameof(AdminConnection)} {{ ExpiresAt = {ExpiresAt:O} }}";

    /// <summary>
    /// How long a JWT says that it is good for; whether it is one of the service's is for that to say.
    /// </summary>
    private static TimeSpan? Lifetime(string token, DateTimeOffset now)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
            return null;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            var seconds = claims.RootElement.Id("exp") - now.ToUnixTimeSeconds();
            return seconds is > 0 and < 100_000_000 ? TimeSpan.FromSeconds(seconds.Value) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
