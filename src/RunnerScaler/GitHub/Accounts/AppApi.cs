using System.Text.Json;
using Octokit;
using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// Requests as an App itself: where it is installed, and tokens for there. Over Octokit, which speaks in exceptions;
/// none leaves this class.
/// </summary>
/// <param name="connection">Octokit's connection, over our own handlers.</param>
internal sealed class AppApi(IConnection connection)
{
    private const string Json = "application/json";

    /// <summary>The App's <see href="https://docs.github.com/rest/apps/apps">installation</see>.</summary>
    /// <param name="place">Where: <c>orgs/{organisation}</c> or <c>users/{user}</c>.</param>
    public Task<GitHubAnswer<InstallationData>> FindInstallationAsync(string place) => AskAsync(
        $"{place}/installation",
        path => connection.Get<InstallationData>(path, null, null, CancellationToken.None));

    /// <summary>Makes a token.</summary>
    /// <param name="installation">The installation's id.</param>
    /// <param name="request">What it is to be good for.</param>
    public Task<GitHubAnswer<TokenData>> CreateTokenAsync(long installation, TokenRequest request) => AskAsync(
        $"app/installations/{installation}/access_tokens",
        path => connection.Post<TokenData>(
            path, request, null, Json, (IDictionary<string, string>?)null, CancellationToken.None));

    private static async Task<GitHubAnswer<T>> AskAsync<T>(string path, Func<Uri, Task<IApiResponse<T>>> send)
        where T : class
    {
        try
        {
            var answer = await send(new Uri(path, UriKind.Relative));
            if (answer.HttpResponse is OctokitResponse { Failure: { } failure })
                return failure;
            return answer.Body is { } body ? body : Failure.NoAnswer($"/{path} was answered without a body");
        }
        catch (JsonException)
        {
            return Failure.NoAnswer($"/{path} was answered with a body that is not the JSON that was expected");
        }
        catch (OperationCanceledException)
        {
            return Failure.NoAnswer($"/{path} was not answered in time");
        }
    }
}
