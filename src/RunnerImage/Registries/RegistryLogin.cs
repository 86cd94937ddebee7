using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace RunnerImage.Registries;

/// <summary>
/// What docker's CLI knows of a registry from <c>config.json</c> and its helpers, and sends along with a request
/// (<c>X-Registry-Auth</c>: https://docs.docker.com/reference/api/engine/).
/// </summary>
/// <param name="User">The name; empty if there is none.</param>
/// <param name="Password">The password.</param>
/// <param name="IdentityToken">What a token is got for in the place of both; empty if there is none.</param>
/// <param name="RegistryToken">The token itself; empty if there is none.</param>
internal sealed record RegistryLogin(string User, string Password, string IdentityToken, string RegistryToken)
{
    public const string Header = "X-Registry-Auth";

    public static readonly RegistryLogin None = new("", "", "", "");

    /// <summary>Name and password as a header has them; null if there are none.</summary>
    public AuthenticationHeaderValue? Basic => User.Length == 0
        ? null
        : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));

    /// <returns>None if it cannot be read, as Docker's daemon has it.</returns>
    public static RegistryLogin Parse(string header)
    {
        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            return Of(json.RootElement);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return None;
        }
    }

    /// <param name="json">An object of Docker's API that says who asks.</param>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static RegistryLogin Of(JsonElement json) =>
        new(Of(json, "username"), Of(json, "password"), Of(json, "identitytoken"), Of(json, "registrytoken"));

    private static string Of(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
