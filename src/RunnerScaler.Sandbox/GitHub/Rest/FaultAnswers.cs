using System.Globalization;
using System.Text;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>What arrives when something is wrong on the way or at GitHub.</summary>
internal static class FaultAnswers
{
    private static readonly byte[] Page = Encoding.UTF8.GetBytes(
        "<!DOCTYPE html><html><head><title>Please stand by</title></head><body>A proxy's page.</body></html>");

    /// <summary>Writes the answer and returns its status.</summary>
    public static async Task<int> WriteAsync(HttpContext http, RestFault fault, FaultPlan plan, TimeProvider clock)
    {
        var response = http.Response;
        if (fault == RestFault.Hang)
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, http.RequestAborted);
        if (fault == RestFault.LateServerError)
            await Task.Delay(plan.LateAfter, clock, http.RequestAborted);
        if (fault is RestFault.Forbidden or RestFault.NotFound or RestFault.Invalid or RestFault.BrokenJson)
            return await WriteJsonAsync(http, fault);
        response.StatusCode = fault switch
        {
            RestFault.Html => StatusCodes.Status200OK,
            RestFault.Throttled => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status502BadGateway,
        };
        if (fault == RestFault.Throttled)
            response.Headers.RetryAfter = plan.RetryAfterText ?? Seconds(plan.RetryAfter);
        response.ContentType = "text/html; charset=utf-8";
        await response.Body.WriteAsync(Page, http.RequestAborted);
        return response.StatusCode;
    }

    private static async Task<int> WriteJsonAsync(HttpContext http, RestFault fault)
    {
        var (status, body) = fault switch
        {
            RestFault.Forbidden => (StatusCodes.Status403Forbidden, """{"message":"Resource not accessible"}"""),
            RestFault.NotFound => (StatusCodes.Status404NotFound, """{"message":"Not Found"}"""),
            RestFault.Invalid => (StatusCodes.Status422UnprocessableEntity, """{"message":"Validation Failed"}"""),
            _ => (StatusCodes.Status200OK, """{"total_count":"""),
        };
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.WriteAsync(body, http.RequestAborted);
        return status;
    }

    /// <summary>The refusal of a caller who asks too much in a short time.</summary>
    public static ApiAnswer SecondaryRefusal(this RateLimits limits, HttpContext http, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = Seconds(wait);
        return ApiAnswer.Error(
            limits.SecondaryStatus,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.");
    }

    private static string Seconds(TimeSpan time) =>
        Math.Max(1, (int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
