using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RunnerImage.Images;
using RunnerImage.Web;

namespace RunnerImage.Registries;

/// <summary>
/// Asks a registry which tags a repository has
/// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags): the one thing of
/// <c>docker pull</c> that buildx does not do.
/// </summary>
/// <param name="registries">Asks.</param>
internal sealed class RegistryTags(RegistryClient registries)
{
    private const int LargestPage = 4 << 20;
    private const int MostPages = 1000;
    private const int MostTags = 10_000;
    private const int LongestWords = 512;

    /// <param name="repository">The repository.</param>
    /// <param name="login">Who asks.</param>
    /// <returns>Its tags, each a valid one, in the registry's order.</returns>
    /// <exception cref="RegistryException">The registry refuses, or has no such repository.</exception>
    /// <exception cref="TransferException">The registry does not answer as one.</exception>
    public IReadOnlyList<string> List(ImageReference repository, RegistryLogin login)
    {
        Uri? page = registries.Address(repository, $"/v2/{repository.Path}/tags/list");
        var tags = new HashSet<string>(StringComparer.Ordinal);
        AuthenticationHeaderValue? authorization = null;
        for (var count = 0; page is not null; count++)
        {
            if (count == MostPages || tags.Count > MostTags)
                throw new TransferException($"{repository.FamiliarRepository} has more than {MostTags} tags, or a list "
                    + "without an end: pull those that are needed by their names");
            using var answer = Ask(page, repository, login, ref authorization);
            foreach (var tag in TagsOf(answer))
                tags.Add(ImageReference.IsTag(tag)
                    ? tag
                    : throw new TransferException("invalid tag format: the registry lists "
                        + $"\"{WebText.Plain(tag, ImageReference.LongestTag)}\" as a tag"));
            page = Next(answer, page);
        }

        return [.. tags];
    }

    private HttpResponseMessage Ask(
        Uri page, ImageReference repository, RegistryLogin login, ref AuthenticationHeaderValue? authorization)
    {
        var answer = registries.Get(page, login, $"repository:{repository.Path}:pull", ref authorization);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw answer.StatusCode == HttpStatusCode.Unauthorized && authorization is null
                ? new RegistryException(repository, RegistryException.Unauthorized, "no basic auth credentials")
                : Refusal(answer, repository);
    }

    private RegistryException Refusal(HttpResponseMessage answer, ImageReference repository)
    {
        var status = (int)answer.StatusCode;
        try
        {
            using var json = JsonDocument.Parse(registries.Text(answer, LargestPage));
            var error = json.RootElement.GetProperty("errors")[0];
            var (code, words) = (error.GetProperty("code").GetString() ?? "",
                error.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "");
            return new(repository, code == "NAME_UNKNOWN" ? (int)HttpStatusCode.NotFound : status, WebText.Plain(
                $"{code.Replace('_', ' ').ToLowerInvariant()}: {words}", LongestWords));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or IndexOutOfRangeException)
        {
            return new(repository, status, $"the registry answers with status {status}");
        }
    }

    private IReadOnlyList<string> TagsOf(HttpResponseMessage answer)
    {
        try
        {
            using var json = JsonDocument.Parse(registries.Text(answer, LargestPage));
            return json.RootElement.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
                ? [.. tags.EnumerateArray().Select(t => t.GetString() ?? "")]
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TransferException("the registry's list of tags is none, or is too long");
        }
    }

    /// <summary>The next page: of the same server, since the credentials are for no other.</summary>
    private static Uri? Next(HttpResponseMessage answer, Uri page)
    {
        var link = answer.Headers.TryGetValues("Link", out var links)
            ? links.FirstOrDefault(l => l.Replace("\"", "", StringComparison.Ordinal)
                .EndsWith("rel=next", StringComparison.OrdinalIgnoreCase))
            : null;
        if (link is null)
            return null;
        var (from, to) = (link.IndexOf('<', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
        return from >= 0 && to > from && Uri.TryCreate(page, link[(from + 1)..to], out var next)
            && next.Scheme == page.Scheme && next.Authority == page.Authority
                ? next
                : throw new TransferException("the next page of the registry's list of tags is not at the registry");
    }
}
