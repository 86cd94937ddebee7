using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace RunnerScaler.Hosting;

/// <summary>
/// Puts a configuration into an object of options. Unlike the framework's binder it goes on after a fault, takes an
/// unknown key for one, and says in one sentence each what is wrong, where it can be set, and to what.
/// </summary>
internal static class OptionReader
{
    /// <param name="section">What was configured.</param>
    /// <param name="options">The object with its defaults; properties of classes are sections.</param>
    /// <param name="path">The section's path; empty for the whole.</param>
    /// <returns>What is wrong; what is right has been put in.</returns>
    public static IReadOnlyList<string> Read(IConfiguration section, object options, string path = "")
    {
        var known = options.GetType().GetProperties();
        List<string> problems = [.. Unknown(section, known, path)];
        foreach (var property in known)
        {
            var (name, child) = (Join(path, property.Name), section.GetSection(property.Name));
            problems.AddRange(IsSection(property)
                ? ReadSection(child, property.GetValue(options)!, name)
                : ReadOne(child, options, property, name));
        }
        return problems;
    }

    /// <summary>Every option: its path and its value.</summary>
    public static IEnumerable<(string Path, string Value)> All(object options, string path = "") =>
        options.GetType().GetProperties().SelectMany(property => IsSection(property)
            ? All(property.GetValue(options)!, Join(path, property.Name))
            : [(Join(path, property.Name), OptionValue.Show(property.GetValue(options)))]);

    private static IEnumerable<string> Unknown(IConfiguration section, PropertyInfo[] known, string path) =>
        from child in section.GetChildren()
        where !known.Any(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
        let siblings = string.Join(", ", known.Select(property => property.Name).Order(StringComparer.Ordinal))
        select $"{OptionName.Describe(Join(path, child.Key))} is no option: "
            + (path.Length == 0 ? $"the sections are {siblings}." : $"those of {path} are {siblings}.");

    private static IReadOnlyList<string> ReadSection(IConfigurationSection given, object options, string name) =>
        given.Value is null
            ? Read(given, options, name)
            : [$"{OptionName.Describe(name)} is a section: set one of its options."];

    private static IEnumerable<string> ReadOne(
        IConfigurationSection given, object options, PropertyInfo property, string name)
    {
        if (given.Exists() && property.GetValue(options) is IList list)
            OptionValue.Fill(list, given);
        else if (given.Exists())
        {
            if (given.Value is null || OptionValue.Parse(given.Value, property.PropertyType) is not { } value)
            {
                var wanted = OptionValue.Wanted(property.PropertyType);
                return [$"{OptionName.Describe(name)} is '{given.Value}': set {wanted}."];
            }
            property.SetValue(options, value);
        }
        var present = property.GetValue(options);
        return property.GetCustomAttributes<ValidationAttribute>()
            .Where(rule => !rule.IsValid(present))
            .Select(rule => Broken(rule, name, present));
    }

    private static string Broken(ValidationAttribute rule, string name, object? present) => rule switch
    {
        RangeAttribute range => OptionName.OutOfRange(name, present, Bound(range.Minimum), Bound(range.Maximum)),
        RequiredAttribute => $"{OptionName.Describe(name)} is empty: set it.",
        _ => $"{OptionName.Describe(name)} is '{OptionValue.Show(present)}': {rule.FormatErrorMessage(name)}",
    };

    private static object Bound(object bound) =>
        bound is string text && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : bound;

    private static bool IsSection(PropertyInfo property) =>
        property.PropertyType is { IsClass: true } type
        && type != typeof(string)
        && !type.IsAssignableTo(typeof(IEnumerable));

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}:{name}";
}
