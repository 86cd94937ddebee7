using System.Net;
using System.Text;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Http;

/// <summary>Sends a request only if no limit forbids it, and learns from every answer.</summary>
internal sealed class BudgetHandler(RequestBudget budget, RequestPacer pacer) : DelegatingHandler
{
    /// <summary>Set on a request that may have become needless while it waited for its turn.</summary>
    public static readonly HttpRequestOptionsKey<Func<bool>> IsStillWanted = new("still-wanted");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var ask = Ask.Of(request);
        if (budget.Forbids(ask) is { } before)
            return Failed(before);
        request.Options.TryGetValue(IsStillWanted, out var isStillWanted);
        if (!await pacer.EnterAsync(ask.Class, isStillWanted, cancel))
            return new FailedResponse(Failure.Withdrawn);
        try
        {
            // A pause may have begun while it waited for its turn.
            if (budget.Forbids(ask) is { } meanwhile)
                return Failed(meanwhile);
            var response = await base.SendAsync(request, cancel);
            budget.Observe(response, ask);
            if (await LimitAsync(response, ask, cancel) is not { } limit)
                return response;
            response.Dispose();
            return Failed(limit);
        }
        finally
        {
            pacer.Leave();
        }
    }

    /// <summary>The limit that an answer tells of; null if it tells of none.</summary>
    private async Task<Problem?> LimitAsync(HttpResponseMessage response, Ask ask, CancellationToken cancel)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified)
                budget.Passed();
            return null;
        }
        var body = await response.Content.ReadAsByteArrayAsync(cancel);
        if (budget.Refused(response, Encoding.UTF8.GetString(body), ask) is not { } refusal)
            return null;
        if (refusal.IsPrimary)
            return refusal.Problem;
        var points = pacer.Slower(ask.Class);
        return refusal.Problem with
        {
            Message = $"{refusal.Problem.Message}. At most {points} points a minute are spent now, slowly more again",
        };
    }

    private static FailedResponse Failed(Problem problem) => new(Failure.Of(problem));
}
