using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Registers routes behind the api.</summary>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints, ApiEndpoint api)
{
    public void Get(string pattern, Func<ApiCall, ApiAnswer> handle, bool free = false) =>
        Add(HttpMethods.Get, pattern, handle, free);

    public void Post(string pattern, Func<ApiCall, ApiAnswer> handle) => Add(HttpMethods.Post, pattern, handle);

    public void Delete(string pattern, Func<ApiCall, ApiAnswer> handle) => Add(HttpMethods.Delete, pattern, handle);

    /// <summary>Answers 404 as GitHub does, with JSON, to all that no other route takes.</summary>
    public void AddRest() =>
        endpoints.Map("/{**rest}", api.Open("other", _ => throw GitHubRefusal.NotFound()));

    /// <summary>One page of a list in an object with its total count.</summary>
    /// <param name="total">The count to report, when it differs from what can be paged through.</param>
    /// <param name="tail">Further members of the object.</param>
    public static ApiAnswer Page<T>(
        ApiCall call,
        string name,
        IReadOnlyList<T> all,
        Action<Utf8JsonWriter, T> write,
        int? total = null,
        Action<Utf8JsonWriter>? tail = null)
    {
        var paging = call.Paging();
        var page = paging.Cut(all).ToList();
        return ApiAnswer.Ok(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total_count", total ?? all.Count);
            json.WriteArray(name, page, item => write(json, item));
            tail?.Invoke(json);
            json.WriteEndObject();
        }) with
        {
            Link = paging.Link(all.Count),
        };
    }

    /// <summary>What belongs to a repository is also found by its id: redirects lead there.</summary>
    private void Add(string method, string pattern, Func<ApiCall, ApiAnswer> handle, bool free = false)
    {
        const string named = "/repos/{owner}/{repo}";
        var open = api.Open($"{method} {pattern}", handle, free);
        endpoints.MapMethods(pattern, [method], open);
        if (pattern.StartsWith(named, StringComparison.Ordinal))
            endpoints.MapMethods($"/repositories/{{repository_id}}{pattern[named.Length..]}", [method], open);
    }
}
