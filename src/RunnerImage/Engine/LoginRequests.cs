using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RunnerImage.Http;
using RunnerImage.Images;
using RunnerImage.Registries;
using RunnerImage.Web;

namespace RunnerImage.Engine;

/// <summary>Asks a registry whether it knows who logs in to it; Docker's CLI keeps what is known of him.</summary>
internal sealed class LoginRequests(RegistryClient registries)
{
    private const int LargestBody = 64 << 10;

    /// <param name="request">Who logs in where.</param>
    /// <returns>What docker prints.</returns>
    /// <exception cref="EngineException">The registry does not know him, or does not answer.</exception>
    public LoginReport LogIn(HttpRequest request)
    {
        var (registry, login) = Read(request.Body);
        try
        {
            var address = registries.Address(registry, "/v2/");
            AuthenticationHeaderValue? authorization = null;
            using var answer = registries.Get(address, login, "", ref authorization);
            return answer.IsSuccessStatusCode
                ? new("Login Succeeded")
                : throw Refusal(address, answer.StatusCode);
        }
        catch (TransferException e)
        {
            throw new EngineException(EngineException.Failed, e.Message);
        }
    }

    private static EngineException Refusal(Uri address, HttpStatusCode status) => status == HttpStatusCode.Unauthorized
        ? new(EngineException.Unauthorized,
            $"Get \"{WebText.Of(address)}\": unauthorized: incorrect username or password")
        : new(EngineException.Failed,
            $"login attempt to {WebText.Of(address)} failed with status: {(int)status}");

    private static (ImageReference Registry, RegistryLogin Login) Read(Stream body)
    {
        var buffer = new byte[LargestBody];
        var length = body.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        try
        {
            using var json = JsonDocument.Parse(buffer.AsMemory(0, length));
            var login = RegistryLogin.Of(json.RootElement);
            if (json.RootElement.TryGetProperty("serveraddress", out var server)
                && RegistryAddress.HostOf(server.GetString() ?? "") is { } host
                && ImageReference.Parse($"{host}/registry") is { } registry && registry.Domain == host)
                return (registry, login);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below.
        }

        throw new EngineException(EngineException.Invalid, "this login names no registry");
    }
}
