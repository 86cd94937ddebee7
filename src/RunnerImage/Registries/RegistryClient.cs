using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using RunnerImage.Images;
using RunnerImage.Web;
using RunnerScaler.Protocol;

namespace RunnerImage.Registries;

/// <summary>Asks registries, as the pool says that they are reached.</summary>
/// <param name="web">Asks.</param>
/// <param name="pool">What is to be known of registries.</param>
internal sealed class RegistryClient(WebReader web, ImmutableArray<PodRegistry> pool)
{
    /// <summary>The registry that is meant by Docker's own domain.</summary>
    private const string Hub = "registry-1.docker.io";

    /// <param name="registry">A repository of it, or it alone as the domain of one.</param>
    /// <param name="path">What is asked for, from the root on.</param>
    /// <exception cref="TransferException">It is no address.</exception>
    public Uri Address(ImageReference registry, string path)
    {
        // As buildx does it, and Docker.
        var (scheme, host) = (IsPlain(registry) ? "http" : "https",
            registry.Domain == ImageReference.DefaultDomain ? Hub : registry.Domain);
        return Uri.TryCreate($"{scheme}://{host}{path}", UriKind.Absolute, out var address)
            ? address
            : throw new TransferException($"{host} is no address of a registry");
    }

    /// <summary>Gets something; says who asks where the registry wants to know.</summary>
    /// <param name="address">What is asked for.</param>
    /// <param name="login">Who asks.</param>
    /// <param name="scope">What a token has to be for; empty for the login alone.</param>
    /// <param name="authorization">What the registry took the last time; null if it was not asked yet.</param>
    /// <returns>Its answer, whatever it is.</returns>
    /// <exception cref="TransferException">There is no answer.</exception>
    public HttpResponseMessage Get(
        Uri address, RegistryLogin login, string scope, ref AuthenticationHeaderValue? authorization)
    {
        var answer = web.Ask(address, authorization);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return answer;
        try
        {
            authorization = RegistryChallenge.Meet(web, answer, login, scope);
        }
        catch (TransferException)
        {
            answer.Dispose();
            throw;
        }

        if (authorization is null)
            return answer;
        answer.Dispose();
        return web.Ask(address, authorization);
    }

    /// <summary>The text of a short answer; a longer one is cut off.</summary>
    /// <exception cref="TransferException">It ends too early, or does not go on.</exception>
    public string Text(HttpResponseMessage answer, int most) => web.Text(answer, most);

    private bool IsPlain(ImageReference registry) => registry.IsLoopback
        || pool.Any(r => r.Http && r.Host.Equals(registry.Domain, StringComparison.OrdinalIgnoreCase));
}
