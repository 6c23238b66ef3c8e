/**
 * Cities that are known without a network: for the demonstration source, and as suggestions in the
 * window. Coordinates to a hundredth of a degree; populations in thousands, only good enough to rank.
 */
import { countryName, placeSlug } from './place-names.ts';
import type { Place } from './place-names.ts';

/** Name | region | country code | latitude | longitude | population in thousands | other names. */
const ROWS = `
Paris|Île-de-France|FR|48.85|2.35|2138|Parigi,París,Париж,パリ,巴黎
Paris|Texas|US|33.66|-95.56|25
Paris|Ontario|CA|43.20|-80.38|15
Marseille|Provence-Alpes-Côte d’Azur|FR|43.30|5.38|870|Marsella,Marseilles
Lyon|Auvergne-Rhône-Alpes|FR|45.75|4.85|522
Toulouse|Occitanie|FR|43.60|1.44|504
Nice|Provence-Alpes-Côte d’Azur|FR|43.70|7.27|342|Niza
Bordeaux|Nouvelle-Aquitaine|FR|44.84|-0.58|260|Burdeos
Lille|Hauts-de-France|FR|50.63|3.06|234
Strasbourg|Grand Est|FR|48.58|7.75|287
London|England|GB|51.51|-0.13|8961|Londres,London,Лондон,ロンドン,伦敦
London|Ontario|CA|42.98|-81.25|422
Birmingham|England|GB|52.48|-1.90|1144
Birmingham|Alabama|US|33.52|-86.81|200
Manchester|England|GB|53.48|-2.24|552
Manchester|New Hampshire|US|42.99|-71.45|115
Edinburgh|Scotland|GB|55.95|-3.19|506|Édimbourg,Edimburgo
Glasgow|Scotland|GB|55.86|-4.25|626
Cambridge|England|GB|52.21|0.12|145
Cambridge|Massachusetts|US|42.37|-71.11|118
Cardiff|Wales|GB|51.48|-3.18|362
Belfast|Northern Ireland|GB|54.60|-5.93|345
Dublin|Leinster|IE|53.33|-6.25|1024
Berlin|Berlin|DE|52.52|13.41|3426|Berlín,Берлин
Berlin|New Hampshire|US|44.47|-71.19|9
Hamburg|Hamburg|DE|53.55|9.99|1845|Hambourg,Hamburgo
Munich|Bavaria|DE|48.14|11.58|1260|München,Múnich,Monaco di Baviera,Мюнхен
Cologne|North Rhine-Westphalia|DE|50.93|6.95|963|Köln,Colonia
Frankfurt|Hesse|DE|50.12|8.68|650|Francfort,Frankfurt am Main
Vienna|Vienna|AT|48.21|16.37|1691|Wien,Vienne,Viena
Zürich|Zurich|CH|47.37|8.55|341|Zurich
Geneva|Geneva|CH|46.20|6.15|184|Genève,Ginebra,Genf
Bern|Bern|CH|46.95|7.45|122|Berne,Berna
Brussels|Brussels Capital|BE|50.85|4.35|1019|Bruxelles,Brussel,Bruselas
Antwerp|Flanders|BE|51.22|4.40|460|Antwerpen,Anvers,Amberes
Luxembourg|Luxembourg|LU|49.61|6.13|77|Luxemburgo
Amsterdam|North Holland|NL|52.37|4.89|742|Ámsterdam
Rotterdam|South Holland|NL|51.92|4.48|598
Madrid|Madrid|ES|40.42|-3.70|3255|Мадрид
Barcelona|Catalonia|ES|41.39|2.16|1621|Barcelone
Valencia|Valencia|ES|39.47|-0.38|814|Valence,València
Valencia|Carabobo|VE|10.16|-68.01|1385
Seville|Andalusia|ES|37.38|-5.97|703|Sevilla,Séville
Bilbao|Basque Country|ES|43.26|-2.93|345
Zaragoza|Aragon|ES|41.66|-0.88|674|Saragosse
Málaga|Andalusia|ES|36.72|-4.42|568
Córdoba|Andalusia|ES|37.89|-4.77|328|Cordoue
Córdoba|Cordoba|AR|-31.41|-64.18|1428
Lisbon|Lisbon|PT|38.72|-9.13|517|Lisboa,Lisbonne
Porto|Porto|PT|41.15|-8.61|249|Oporto
Rome|Lazio|IT|41.89|12.51|2318|Roma,Рим,ローマ
Rome|Georgia|US|34.26|-85.16|36
Milan|Lombardy|IT|45.46|9.19|1236|Milano,Milán
Naples|Campania|IT|40.85|14.27|988|Napoli,Nápoles
Naples|Florida|US|26.14|-81.79|21
Turin|Piedmont|IT|45.07|7.69|870|Torino,Turín
Florence|Tuscany|IT|43.78|11.25|349|Firenze,Florencia
Venice|Veneto|IT|45.44|12.33|51|Venezia,Venise,Venecia
Athens|Attica|GR|37.98|23.73|664|Athína,Athènes,Atenas,Αθήνα
Athens|Georgia|US|33.96|-83.38|116
Copenhagen|Capital Region|DK|55.68|12.57|1153|København,Copenhague
Oslo|Oslo|NO|59.91|10.75|580
Bergen|Vestland|NO|60.39|5.32|214
Tromsø|Troms|NO|69.65|18.96|52
Stockholm|Stockholm|SE|59.33|18.07|1515|Estocolmo
Gothenburg|Västra Götaland|SE|57.71|11.97|572|Göteborg
Helsinki|Uusimaa|FI|60.17|24.94|558
Reykjavík|Capital Region|IS|64.14|-21.90|118|Reikiavik
Warsaw|Mazovia|PL|52.23|21.01|1702|Warszawa,Varsovie,Varsovia
Kraków|Lesser Poland|PL|50.06|19.94|755|Cracow,Cracovie,Cracovia
Prague|Prague|CZ|50.09|14.42|1165|Praha,Praga
Budapest|Budapest|HU|47.50|19.04|1741
Bucharest|Bucharest|RO|44.43|26.11|1877|București,Bucarest
Sofia|Sofia-Capital|BG|42.70|23.32|1152|София
Belgrade|Central Serbia|RS|44.80|20.47|1273|Beograd,Belgrado
Zagreb|Zagreb|HR|45.81|15.98|698
Kyiv|Kyiv City|UA|50.45|30.52|2797|Kiev,Київ
Moscow|Moscow|RU|55.75|37.62|10381|Moskva,Moscou,Moscú,Москва
Saint Petersburg|St.-Petersburg|RU|59.94|30.31|5028|Санкт-Петербург,Saint-Pétersbourg
Novosibirsk|Novosibirsk|RU|55.04|82.93|1419|Новосибирск
Vladivostok|Primorye|RU|43.11|131.87|587
Istanbul|Istanbul|TR|41.01|28.95|14804|İstanbul,Estambul
Ankara|Ankara|TR|39.92|32.85|3517
Tehran|Tehran|IR|35.69|51.42|7153|Téhéran,Teherán,تهران
Baghdad|Baghdad|IQ|33.34|44.40|5672|Bagdad,بغداد
Jerusalem|Jerusalem|IL|31.77|35.22|801|Jérusalem,Jerusalén
Tel Aviv|Tel Aviv|IL|32.08|34.78|433
Beirut|Beyrouth|LB|33.89|35.50|1917|Beyrouth,بيروت
Riyadh|Riyadh|SA|24.69|46.72|4206|Riad,الرياض
Dubai|Dubai|AE|25.08|55.31|2956|Dubaï,دبي
Doha|Baladīyat ad Dawḩah|QA|25.29|51.53|345
Cairo|Cairo|EG|30.06|31.25|9606|Le Caire,El Cairo,القاهرة
Alexandria|Alexandria|EG|31.20|29.92|3812|Alexandrie
Casablanca|Casablanca-Settat|MA|33.59|-7.61|3145
Algiers|Algiers|DZ|36.75|3.04|1978|Alger,Argel
Tunis|Tunis|TN|36.82|10.17|694|Túnez
Tripoli|Tripoli|LY|32.89|13.19|1150
Dakar|Dakar|SN|14.69|-17.45|2477
Bamako|Bamako|ML|12.61|-7.98|1297
Abidjan|Abidjan|CI|5.35|-4.00|3677
Accra|Greater Accra|GH|5.56|-0.20|1963
Lagos|Lagos|NG|6.45|3.39|15388
Abuja|FCT|NG|9.06|7.49|590
Douala|Littoral|CM|4.05|9.70|1338
Kinshasa|Kinshasa|CD|-4.33|15.31|16000
Luanda|Luanda|AO|-8.84|13.23|2776
Nairobi|Nairobi|KE|-1.28|36.82|4397
Kampala|Central Region|UG|0.32|32.58|1680
Addis Ababa|Addis Ababa|ET|9.02|38.75|3041|Addis-Abeba,አዲስ አበባ
Dar es Salaam|Dar es Salaam|TZ|-6.82|39.27|4365
Antananarivo|Analamanga|MG|-18.91|47.54|1391
Johannesburg|Gauteng|ZA|-26.20|28.04|2026
Cape Town|Western Cape|ZA|-33.93|18.42|3433|Le Cap,Ciudad del Cabo,Kapstadt
Windhoek|Khomas|NA|-22.56|17.08|268
New York|New York|US|40.71|-74.01|8804|New York City,NYC,Nueva York,Нью-Йорк,ニューヨーク
Los Angeles|California|US|34.05|-118.24|3898|Los Ángeles
Chicago|Illinois|US|41.85|-87.65|2746
Houston|Texas|US|29.76|-95.36|2304
San Francisco|California|US|37.77|-122.42|874
Seattle|Washington|US|47.61|-122.33|737
Boston|Massachusetts|US|42.36|-71.06|676
Washington|District of Columbia|US|38.90|-77.04|690
Miami|Florida|US|25.77|-80.19|442
Denver|Colorado|US|39.74|-104.98|716
Phoenix|Arizona|US|33.45|-112.07|1609
Anchorage|Alaska|US|61.22|-149.90|291
Honolulu|Hawaii|US|21.31|-157.86|351
Springfield|Missouri|US|37.22|-93.30|169
Springfield|Massachusetts|US|42.10|-72.59|155
Springfield|Illinois|US|39.80|-89.64|114
Toronto|Ontario|CA|43.71|-79.40|2794
Montreal|Quebec|CA|45.51|-73.59|1762|Montréal
Vancouver|British Columbia|CA|49.25|-123.12|662
Calgary|Alberta|CA|51.05|-114.09|1306
Mexico City|Mexico City|MX|19.43|-99.13|9209|Ciudad de México,CDMX,Mexico
Guadalajara|Jalisco|MX|20.67|-103.35|1385
Monterrey|Nuevo León|MX|25.68|-100.32|1135
Guatemala City|Guatemala|GT|14.64|-90.51|995|Ciudad de Guatemala
San José|San José|CR|9.93|-84.08|335
San Jose|California|US|37.34|-121.89|1013
Panama City|Panamá|PA|8.99|-79.52|408|Ciudad de Panamá,Panamá
Havana|La Habana|CU|23.13|-82.38|2164|La Habana,La Havane
Santo Domingo|Nacional|DO|18.47|-69.89|2202|Saint-Domingue
Bogotá|Bogota D.C.|CO|4.61|-74.08|7674
Medellín|Antioquia|CO|6.25|-75.56|2529
Caracas|Distrito Federal|VE|10.49|-66.88|3000
Quito|Pichincha|EC|-0.23|-78.52|1399
Lima|Lima|PE|-12.04|-77.03|7737
La Paz|La Paz|BO|-16.50|-68.15|812
Santiago|Santiago Metropolitan|CL|-33.46|-70.65|4837|Santiago de Chile
Buenos Aires|Buenos Aires F.D.|AR|-34.61|-58.38|13076
Ushuaia|Tierra del Fuego|AR|-54.81|-68.31|56
Montevideo|Montevideo|UY|-34.90|-56.19|1270
Asunción|Asunción|PY|-25.29|-57.65|522
São Paulo|São Paulo|BR|-23.55|-46.64|10022
Rio de Janeiro|Rio de Janeiro|BR|-22.91|-43.18|6023|Río de Janeiro
Brasília|Federal District|BR|-15.78|-47.93|2207
Manaus|Amazonas|BR|-3.10|-60.03|1599
Tokyo|Tokyo|JP|35.69|139.69|9733|Tokio,東京,とうきょう,Токио
Osaka|Osaka|JP|34.69|135.50|2753|大阪
Kyoto|Kyoto|JP|35.02|135.75|1464|Kioto,京都
Sapporo|Hokkaido|JP|43.07|141.35|1973|札幌
Seoul|Seoul|KR|37.57|126.98|10349|Séoul,Seúl,서울
Busan|Busan|KR|35.10|129.04|3678|부산
Beijing|Beijing|CN|39.91|116.40|18960|Pékin,Pekín,Peking,北京
Shanghai|Shanghai|CN|31.22|121.46|24874|上海
Shenzhen|Guangdong|CN|22.55|114.07|17494|深圳
Hong Kong|Hong Kong|HK|22.28|114.17|7491|香港
Taipei|Taipei|TW|25.05|121.53|7872|臺北,台北
Ulaanbaatar|Ulaanbaatar|MN|47.91|106.88|1467|Oulan-Bator,Ulán Bator
Almaty|Almaty|KZ|43.25|76.93|1977|Алматы
Delhi|Delhi|IN|28.65|77.23|10928|New Delhi,दिल्ली,नई दिल्ली
Mumbai|Maharashtra|IN|19.07|72.88|12692|Bombay,मुंबई
Kolkata|West Bengal|IN|22.56|88.36|4632|Calcutta,কলকাতা
Bengaluru|Karnataka|IN|12.97|77.59|8444|Bangalore
Chennai|Tamil Nadu|IN|13.09|80.28|4328
Karachi|Sindh|PK|24.86|67.01|14916
Hyderabad|Telangana|IN|17.38|78.46|6993
Hyderabad|Sindh|PK|25.39|68.37|1921
Dhaka|Dhaka|BD|23.71|90.41|10356|Dacca,ঢাকা
Kathmandu|Bagmati|NP|27.70|85.32|1442|Katmandou,Katmandú
Colombo|Western|LK|6.94|79.85|648
Bangkok|Bangkok|TH|13.75|100.50|5104|กรุงเทพ
Hanoi|Hanoi|VN|21.02|105.84|8054|Hà Nội
Ho Chi Minh City|Ho Chi Minh|VN|10.82|106.63|9000|Saigon,Hồ Chí Minh
Kuala Lumpur|Kuala Lumpur|MY|3.14|101.69|1453
Singapore|Singapore|SG|1.29|103.85|5638|Singapour,Singapur
Jakarta|Jakarta|ID|-6.21|106.85|8540|Yakarta
Manila|Metro Manila|PH|14.60|120.98|1600|Manille
Sydney|New South Wales|AU|-33.87|151.21|4627|Sídney
Melbourne|Victoria|AU|-37.81|144.96|4918
Brisbane|Queensland|AU|-27.47|153.03|2360
Perth|Western Australia|AU|-31.95|115.86|1897
Auckland|Auckland|NZ|-36.85|174.76|418
Wellington|Wellington|NZ|-41.29|174.78|382
Nuuk|Sermersooq|GL|64.18|-51.72|15
Longyearbyen|Svalbard|SJ|78.22|15.64|2
`;

export type DemoCity = Place & { otherNames: readonly string[] };

let parsed: readonly DemoCity[] | null = null;

/** All of them, the most populous first. */
export function demoCities(): readonly DemoCity[] {
  parsed ??= ROWS.trim()
    .split('\n')
    .map(parseRow)
    .toSorted((a, b) => b.population - a.population);
  return parsed;
}

function parseRow(row: string): DemoCity {
  const [city = '', region = '', code = '', latitude, longitude, thousands, others = ''] = row.split('|');
  return {
    city,
    region,
    country: countryName(code),
    country_code: code,
    latitude: Number(latitude),
    longitude: Number(longitude),
    population: Number(thousands) * 1_000,
    otherNames: others === '' ? [] : others.split(','),
  };
}

/** Cities whose name, in any language known, is exactly this one; the most populous first. */
export function findDemoCities(name: string): DemoCity[] {
  const wanted = placeSlug(name);
  return demoCities().filter((city) => namesOf(city).some((known) => known === wanted));
}

/** Cities whose name, in any language known, begins with this; the most populous first. */
export function suggestCities(typed: string, limit: number): DemoCity[] {
  const begin = placeSlug(typed);
  if (begin === '') return [];
  return demoCities()
    .filter((city) => namesOf(city).some((known) => known.startsWith(begin)))
    .slice(0, limit);
}

const slugs = new WeakMap<DemoCity, string[]>();

function namesOf(city: DemoCity): string[] {
  const known = slugs.get(city) ?? [city.city, ...city.otherNames].map(placeSlug);
  slugs.set(city, known);
  return known;
}
