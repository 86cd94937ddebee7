using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunnerImage.Web;

namespace RunnerImage.Registries;

/// <summary>
/// How a registry wants to know who asks (https://distribution.github.io/distribution/spec/auth/token/).
/// </summary>
internal static partial class RegistryChallenge
{
    private const int LargestAnswer = 1 << 20;
    private const int LongestToken = 64 << 10;

    /// <param name="web">Gets tokens.</param>
    /// <param name="refused">The answer by which the registry refused.</param>
    /// <param name="login">What is known of the registry.</param>
    /// <param name="scope">What is wanted of it; empty for nothing but to be known.</param>
    /// <returns>What it will take; null if there is nothing.</returns>
    /// <exception cref="TransferException">A token cannot be got.</exception>
    public static AuthenticationHeaderValue? Meet(
        WebReader web, HttpResponseMessage refused, RegistryLogin login, string scope)
    {
        if (login.RegistryToken.Length > 0)
            return Bearer(login.RegistryToken);
        var challenges = refused.Headers.WwwAuthenticate;
        if (challenges.FirstOrDefault(c => Is(c, "Bearer")) is not { } bearer)
            return challenges.Any(c => Is(c, "Basic")) ? login.Basic : null;
        var said = Parameter().Matches(bearer.Parameter ?? "")
            .GroupBy(m => m.Groups["name"].Value, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.First().Groups["value"].Value, StringComparer.OrdinalIgnoreCase);
        if (!Uri.TryCreate(said.GetValueOrDefault("realm"), UriKind.Absolute, out var realm)
            || realm.Scheme is not ("https" or "http")
            // Credentials do not leave the protection that the registry itself has.
            || (realm.Scheme == "http" && refused.RequestMessage?.RequestUri?.Scheme != "http"))
            throw new TransferException("the registry names no place where a token could be got");
        return Bearer(Token(web, realm, said.GetValueOrDefault("service", ""), login, scope));
    }

    private static string Token(WebReader web, Uri realm, string service, RegistryLogin login, string scope)
    {
        Dictionary<string, string> asked = new() { ["service"] = service };
        if (scope.Length > 0)
            asked["scope"] = scope;
        if (login.IdentityToken.Length > 0)
        {
            asked["grant_type"] = "refresh_token";
            asked["refresh_token"] = login.IdentityToken;
            asked["client_id"] = "docker";
            using var form = new FormUrlEncodedContent(asked);
            using var posted = web.Ask(realm, null, form);
            return TokenOf(web, posted, realm);
        }

        var query = string.Join('&', asked.Select(a => $"{a.Key}={Uri.EscapeDataString(a.Value)}"));
        var address = new UriBuilder(realm) { Query = $"{realm.Query.TrimStart('?')}&{query}".TrimStart('&') }.Uri;
        using var answer = web.Ask(address, login.Basic);
        return TokenOf(web, answer, realm);
    }

    private static string TokenOf(WebReader web, HttpResponseMessage answer, Uri realm)
    {
        if (!answer.IsSuccessStatusCode)
            throw new TransferException(
                $"failed to fetch a token of {WebText.Of(realm)}: status {(int)answer.StatusCode}");
        try
        {
            using var json = JsonDocument.Parse(web.Text(answer, LargestAnswer));
            foreach (var name in (string[])["token", "access_token"])
                if (json.RootElement.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } token
                    && token.Length <= LongestToken && token.All(c => c is > ' ' and < '\x7f'))
                    return token;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below.
        }

        throw new TransferException($"{WebText.Of(realm)} answers with no token");
    }

    private static AuthenticationHeaderValue? Bearer(string token) =>
        token.All(c => c is > ' ' and < '\x7f') ? new("Bearer", token) : null;

    private static bool Is(AuthenticationHeaderValue challenge, string scheme) =>
        challenge.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("(?<name>[A-Za-z_]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Parameter();
}
